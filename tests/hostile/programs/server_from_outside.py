"""Asks a server outside that takes its time."""

import socket

with socket.socket(socket.AF_UNIX) as client:
    client.connect("server")
    print("ready", flush=True)
    client.recv(1)
print("woken")
