"""What intake's pages, API and subscribers read."""
