"""Is well in every release; some of them come in a form that cannot be installed."""


def act():
    pass
