"""Search: the public face and API of the database."""
