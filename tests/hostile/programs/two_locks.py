"""Two threads take two locks, each in its own order."""

import threading

left, right = threading.Lock(), threading.Lock()
both = threading.Barrier(2)


def take(first, second):
    """Take one lock, wait until the other thread has the other one, and ask for that."""
    with first:
        both.wait()
        with second:
            pass


threading.Thread(target=take, args=(left, right)).start()
take(right, left)
