"""Sends to itself over TCP until the window is full: the kernel goes on asking for room that nobody makes."""

import socket

listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
peer, _ = listener.accept()
client.sendall(bytes(1 << 26))
