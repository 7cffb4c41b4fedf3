"""Writes into its own pipe until it is full, and on."""

import os

_, writer = os.pipe()
while True:
    os.write(writer, bytes(4096))
