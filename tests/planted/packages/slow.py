"""Takes longer than anybody waits: 2.0 sleeps, 3.0 goes on and on. Neither is a hang."""

import time


def act():
    if __version__ == "2.0":
        time.sleep(3600)
    while __version__ == "3.0":
        print("still going", flush=True)
        time.sleep(0.1)
