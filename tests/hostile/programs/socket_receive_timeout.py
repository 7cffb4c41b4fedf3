"""Receives from a socket on which the kernel itself keeps a time limit."""

import socket
import struct

ours, theirs = socket.socketpair()
ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 4, 0))
try:
    ours.recv(1)
except BlockingIOError:
    print("woken")
