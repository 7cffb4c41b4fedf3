"""Comes to its end, but a thread that is no daemon waits for ever."""

import threading

threading.Thread(target=threading.Event().wait).start()
