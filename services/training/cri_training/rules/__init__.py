"""Training's decisions that need no I/O: who gets a seat, which mails are due, what is counted."""
