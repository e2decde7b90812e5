"""What people, partner organisations and events make happen in intake; nothing here commits."""
