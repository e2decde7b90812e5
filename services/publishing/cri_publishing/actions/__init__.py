"""What people and events make happen to entries; none of it commits."""
