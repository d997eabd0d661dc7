"""The published command lines of MARDM and IsoDiM as they are printed: `python -m training.published COMMAND FLAGS`.

A table by name and not a file each, because published names (train_Tokenizer) and ours (train_tokenizer) differ in capitals
alone, which some file systems do not tell apart.
"""
