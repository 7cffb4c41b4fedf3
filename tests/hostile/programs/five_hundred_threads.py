"""Starts five hundred threads, which all end."""

import threading

threading.stack_size(64 << 10)
go = threading.Event()
threads = [threading.Thread(target=go.wait) for _ in range(500)]
for thread in threads:
    thread.start()
go.set()
for thread in threads:
    thread.join()
