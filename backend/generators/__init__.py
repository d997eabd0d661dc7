"""Motion generators: text features and known tokens in, a tokenizer's coordinates out; one file per family."""
