"""What the evaluation commands share: cases, sampling, scores, tables and pictures, one idea a file."""
