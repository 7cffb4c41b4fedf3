"""Images without a registry: from the Pythons of this machine, and from Debian's releases."""
