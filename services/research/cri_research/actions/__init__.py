"""What people, events and the clock make happen in research; nothing here commits."""
