"""The obedience suite: everyday prompts, and a check on the joints for each of their concepts."""
