"""Tries to clear the screen and to set the title of the window of whoever reads this."""

import os

os.write(1, b"\x1b[2J\x1b]0;owned\x07\n")
