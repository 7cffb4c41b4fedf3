"""A test that hangs under pytest-timeout, which ends it by a signal."""

import sys

import pytest

with open("test_hang.py", "w") as file:
    file.write("import threading\ndef test_hang(): threading.Event().wait()\n")
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "--timeout=4", "--timeout-method=signal", "test_hang.py"]))
