"""Ends well while a child in another session keeps its standard output open."""

import subprocess

subprocess.Popen(["sleep", "601"], start_new_session=True)
print("done")
