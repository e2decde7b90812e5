"""Country packs: all answers about a country in one file, to read where there is no internet."""
