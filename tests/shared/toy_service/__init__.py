"""A toy package with migrations of its own, as every service has."""
