"""What trainers, participants and the clock make happen; nothing here commits."""
