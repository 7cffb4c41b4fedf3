"""Leaves folders that nobody may enter or change, full of files."""

import os

for name in ("a", "b"):
    os.makedirs(name + "/c")
    open(name + "/c/file", "w").close()
    os.chmod(name + "/c", 0)
    os.chmod(name, 0)
