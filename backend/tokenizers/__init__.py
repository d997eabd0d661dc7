"""Motion tokenizers: features in, a short sequence of tokens, features out; one file per bottleneck."""
