"""The program inside a capsule: standard library only, Python 3.8 and later; it imports nothing else of ours."""
