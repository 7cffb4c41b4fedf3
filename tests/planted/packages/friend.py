"""Does nothing, but moves along with culprit: a co-mover."""
