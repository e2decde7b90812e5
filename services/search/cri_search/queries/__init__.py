"""What search's pages, API and console read: its own copy, and the index for what was searched."""
