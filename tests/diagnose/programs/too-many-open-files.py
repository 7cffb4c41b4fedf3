# /// script
# requires-python = "==3.12.*"
# dependencies = []
# ///
"""More files than the limit; the look-alike fills a disk."""

import resource
import sys


def many():
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    files = [open("/dev/null") for _ in range(64)]
    print(len(files))


def full():
    with open("/dev/full", "w") as file:
        file.write("order" * 10000)


FACES = {"true": many, "lookalike": full}


FACES[sys.argv[1]]()
