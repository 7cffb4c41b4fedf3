"""Consumers wait for a queue that no producer is left to feed."""

import queue
import threading

jobs = queue.Queue()
threads = [threading.Thread(target=jobs.get) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
