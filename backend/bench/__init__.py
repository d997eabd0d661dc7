"""What a clip costs: the bundled checkpoint, MARDM beside it, and a CUDA device where there is one."""
