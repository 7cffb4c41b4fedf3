"""Receives from a peer of its own that answers nothing any more, until the kernel's keepalive gives up."""

import ctypes
import socket
import struct

listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
peer, _ = listener.accept()
for option, value in ((socket.TCP_KEEPIDLE, 2), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 2)):
    client.setsockopt(socket.IPPROTO_TCP, option, value)
client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
nothing = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
peer.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HL", 1, ctypes.addressof(nothing)))
try:
    client.recv(1)
except OSError:
    print("woken")
