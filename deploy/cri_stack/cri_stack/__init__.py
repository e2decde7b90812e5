"""The command `cri`: the whole platform on one machine."""
