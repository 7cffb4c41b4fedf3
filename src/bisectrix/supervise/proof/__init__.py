"""Proves that a tree of processes can never move again, or says what could still wake it.

`scene` is what was seen, a value; `judge` decides from it and touches nothing; all other modules read /proc.
"""
