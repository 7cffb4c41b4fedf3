"""A recorded cell as something to hand over: a script, a container's folder, one file; pure."""
