"""Publishing: curates answers into the public database and keeps them fresh."""
