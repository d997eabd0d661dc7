"""DiCoDe for motion: a deep tokenizer with a diffusion decoder, a language model over its tokens, clips of any length from both."""
