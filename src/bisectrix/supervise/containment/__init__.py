"""Holds the processes of an order together: one protocol, and what can carry it out on this machine."""
