"""The people of the demo: each uses a browser without scripts, or the API, as real ones do."""
