"""Is well in every release; 2.0 cannot be installed."""


def act():
    pass
