"""A test that hangs under pytest-timeout, which ends it from a thread."""

import sys

import pytest

with open("test_hang.py", "w") as file:
    file.write("import threading\ndef test_hang(): threading.Event().wait()\n")
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "--timeout=4", "--timeout-method=thread", "test_hang.py"]))
