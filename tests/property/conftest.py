"""Laws are checked on the same examples everywhere, however busy the machine is."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("same-everywhere", derandomize=True, deadline=None, database=None)
settings.load_profile("same-everywhere")
