"""Training: workshops: sign-ups, waiting lists, attendance, feedback."""
