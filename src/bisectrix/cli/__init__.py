"""One file a command; rendering; exit codes. The only package that prints."""
