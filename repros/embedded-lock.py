# /// script
# requires-python = ">=3.9"
# dependencies = ["qdrant-client>=0.11", "pydantic<2", "portalocker<3"]
#
# [tool.bisectrix]
# title = "A second process opens an embedded Qdrant store"
# question = "From which qdrant-client release on is a second process turned away, and does it ever wait or spin?"
# links = ["https://github.com/qdrant/qdrant-client"]
# ready = "ready"
# attempts = 3
# matrices = ["embedded-lock-quick", "embedded-lock-full"]
# tags = ["qdrant", "locks"]
#
# [tool.bisectrix.bug]
# kind = "raises"
# pattern = "already accessed by another instance"
#
# [tool.bisectrix.limits]
# deadline_s = 30
# quiet_s = 5
#
# [[tool.bisectrix.claims]]
# id = "root-cause-lock"
# kind = "theory"
# says = "The second of two processes waits for ever for Qdrant's exclusive lock"
# likelihood = "stated as the root cause"
# expect = [{ cell = "qdrant-client=*", outcome = "hang" }]
#
# [[tool.bisectrix.claims]]
# id = "root-cause-spin"
# kind = "theory"
# says = "The second of two processes spins at 97 % CPU while it waits for the lock"
# likelihood = "stated as the smoking gun"
# expect = [{ cell = "qdrant-client=*", outcome = "timeout" }]
#
# [[tool.bisectrix.claims]]
# id = "turned-away"
# kind = "finding"
# says = "A second process is turned away at once from 1.1.7 on"
# expect = [
#   { cell = "qdrant-client=1.1.7", outcome = "fail", shows = "already accessed by another instance" },
#   { cell = "qdrant-client=1.20.0", outcome = "fail", shows = "already accessed by another instance" },
#   { axis = "qdrant-client", introduced = "1.1.7" },
# ]
#
# [[tool.bisectrix.claims]]
# id = "no-lock-before"
# kind = "finding"
# says = "Releases 1.1.1 to 1.1.6 have no lock: two processes write to one store"
# expect = [
#   { cell = "qdrant-client=1.1.1", outcome = "pass" },
#   { cell = "qdrant-client=1.1.6", outcome = "pass" },
# ]
# ///
"""Opens one embedded store from two processes, one after the other, both open at the same time."""

import subprocess
import sys
import tempfile

FIRST, SECOND = "first", "second"


def open_store(path):
    import qdrant_client

    client = qdrant_client.QdrantClient(path=path)
    client.get_collections()
    return client


def first(path):
    client = open_store(path)
    print("holds", flush=True)
    sys.stdin.read()
    del client


def main():
    with tempfile.TemporaryDirectory() as path:
        command = [sys.executable, __file__]
        holder = subprocess.Popen([*command, FIRST, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            if holder.stdout.readline() != "holds\n":
                raise SystemExit("the first process could not open the store")
            print("ready", flush=True)
            code = subprocess.run([*command, SECOND, path]).returncode
        finally:
            holder.stdin.close()
            holder.wait()
    print("the second process ended with", code)
    sys.exit(code)


if sys.argv[1:2] == [FIRST]:
    first(sys.argv[2])
elif sys.argv[1:2] == [SECOND]:
    open_store(sys.argv[2])
    print("the second process opened it, too")
else:
    main()
