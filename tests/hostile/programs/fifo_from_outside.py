"""Opens a FIFO that somebody outside opens later."""

import os

os.mkfifo("fifo")
print("ready", flush=True)
with open("fifo", "rb") as fifo:
    fifo.read()
print("woken")
