"""Motion tokenizers: features in, a short sequence of codes, features out; one file per bottleneck."""
