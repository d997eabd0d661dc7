"""A request under way, what its answer is for, and the one session that runs it."""
