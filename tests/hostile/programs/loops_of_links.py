"""Leaves links that lead in circles and out of its folder."""

import os

os.symlink(".", "here")
os.symlink("there", "there")
os.symlink("/", "root")
