"""Waits in select with a limit, beside a pipe that nobody writes to."""

import os
import select

reader, writer = os.pipe()
select.select([reader], [], [], 4)
print("woken")
