"""Serves one client, which comes from outside."""

import socket

with socket.socket(socket.AF_UNIX) as server:
    server.bind("server")
    server.listen()
    print("ready", flush=True)
    connection, _ = server.accept()
    connection.recv(1)
print("woken")
