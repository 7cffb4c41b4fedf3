"""Container engines: images, environments built inside of them, and a fresh container for each attempt."""
