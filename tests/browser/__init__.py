"""A real browser on what the demo leaves behind."""
