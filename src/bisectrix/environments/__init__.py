"""Interpreters, and locks made runnable: a pool of virtual environments."""
