"""Burns a core for longer than it may."""

while True:
    pass
