# /// script
# requires-python = ">=3.8"
# dependencies = ["hang>=0"]
#
# [tool.bisectrix]
# title = "Nobody answers"
# matrices = ["hang-releases"]
#
# [tool.bisectrix.bug]
# kind = "hang"
# stack = ["hang.py:ask", "hang.py:wait_for_an_answer"]
#
# [tool.bisectrix.limits]
# deadline_s = 30
# quiet_s = 1
# ///
import hang

hang.act()
