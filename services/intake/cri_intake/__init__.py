"""CRI intake: records questions and delivers the answers; what an asker wrote never leaves it."""
