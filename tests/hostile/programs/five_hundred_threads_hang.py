"""Five hundred threads wait for one that has forgotten them."""

import threading

threading.stack_size(64 << 10)
go = threading.Event()
for _ in range(500):
    threading.Thread(target=go.wait).start()
