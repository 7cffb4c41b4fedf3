"""Waits without a time limit in epoll, in which a timer descriptor is registered."""

import ctypes
import select

libc = ctypes.CDLL(None, use_errno=True)
timer = libc.timerfd_create(1, 0)
libc.timerfd_settime(timer, 0, (ctypes.c_long * 4)(0, 0, 4, 0), None)
poll = select.epoll()
poll.register(timer, select.EPOLLIN)
poll.poll()
print("woken")
