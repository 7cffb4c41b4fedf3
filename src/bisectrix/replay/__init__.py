"""A cell seen again: whether it shows the same, and what else is not as it was; pure."""
