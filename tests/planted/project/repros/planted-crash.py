# /// script
# requires-python = ">=3.8"
# dependencies = ["crash>=0"]
#
# [tool.bisectrix]
# title = "The interpreter dies"
# matrices = ["crash-releases"]
#
# [tool.bisectrix.bug]
# kind = "crash"
#
# [tool.bisectrix.limits]
# deadline_s = 30
# quiet_s = 1
# ///
import crash

crash.act()
