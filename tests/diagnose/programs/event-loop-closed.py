# /// script
# requires-python = "==3.12.*"
# dependencies = []
# ///
"""A transport outlives its loop; its look-alike's loop is stopped and not closed."""

import asyncio
import sys


def used_after_close():
    loop = asyncio.new_event_loop()
    loop.close()
    loop.call_soon(print)


def stopped():
    loop = asyncio.new_event_loop()
    loop.call_later(0.1, loop.stop)
    loop.run_until_complete(asyncio.sleep(5))


FACES = {"true": used_after_close, "lookalike": stopped}


FACES[sys.argv[1]]()
