"""Research's decisions that need no I/O."""
