"""The demo: scripted people live through every question of the demo content, over HTTP alone."""
