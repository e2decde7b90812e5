"""What training's pages read."""
