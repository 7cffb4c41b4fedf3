"""Git repositories: their commits as an axis, and work trees as commits."""
