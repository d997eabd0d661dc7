"""What the evaluation commands share: cases, drawing, scores, tables and pictures, one idea a file."""
