"""The shell: a cell becomes a lock, an environment, attempts, a verdict and a record."""
