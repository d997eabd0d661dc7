"""Motion generators: text states and visible tokens in, a tokenizer's latents out; one file a family, model and sampling in it."""
