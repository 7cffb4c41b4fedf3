"""Burns a core."""

while True:
    pass
