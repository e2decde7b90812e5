"""Search's public pages: the same for everybody, so anybody may keep them for a while."""
