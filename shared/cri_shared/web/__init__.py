"""The web side of every service: one app factory, one look, one way to fail, three languages."""
