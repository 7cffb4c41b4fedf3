"""A worker of a pool dies with the task it had taken, and its result is awaited for ever."""

import multiprocessing
import os

if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.apply(os._exit, (1,))
