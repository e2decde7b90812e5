"""Publishing's decisions that need no I/O: what may be published, and how long it is good."""
