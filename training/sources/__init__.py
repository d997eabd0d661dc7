"""Where motion comes from: one room per kind of file, each giving joint positions of the 22 canonical joints."""
