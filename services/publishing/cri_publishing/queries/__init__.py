"""What the console reads, straight to what its pages show."""
