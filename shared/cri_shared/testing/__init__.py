"""What tests of every service stand on: real servers, factories, waiting on conditions."""
