"""What research's pages read, straight to what they show."""
