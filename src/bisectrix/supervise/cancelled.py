"""The one way in which something that runs is given up without anything being wrong."""


class Cancelled(Exception):  # noqa: N818 - nothing went wrong: the caller asked for it
    """It was ended because the caller wants no answer any more."""
