"""Says what is no text."""

import os

os.write(1, b"a\xff\xfeb\n")
