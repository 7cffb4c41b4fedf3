"""Lets one file grow without end."""

with open("big", "wb", buffering=0) as file:
    while True:
        file.write(bytes(1 << 20))
