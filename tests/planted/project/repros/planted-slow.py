# /// script
# requires-python = ">=3.8"
# dependencies = ["slow>=0"]
#
# [tool.bisectrix]
# title = "It only takes long"
# matrices = ["slow-releases"]
#
# [tool.bisectrix.bug]
# kind = "hang"
#
# [tool.bisectrix.limits]
# deadline_s = 2
# quiet_s = 1
# ///
import slow

slow.act()
