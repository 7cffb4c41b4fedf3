"""Run a command and say how it ended, with evidence, leaving nothing alive; the only package that starts processes."""
