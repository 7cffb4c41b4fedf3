# /// script
# requires-python = "==3.12.*"
# dependencies = []
# ///
"""More memory than there is; the look-alike recurses too deeply."""

import resource
import sys


def too_much():
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    bytearray(1 << 32)


def deep():
    deep()


FACES = {"true": too_much, "lookalike": deep}


FACES[sys.argv[1]]()
