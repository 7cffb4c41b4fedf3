# /// script
# requires-python = ">=3.8"
# dependencies = ["culprit>=0"]
#
# [tool.bisectrix]
# title = "The planted bug"
# matrices = ["culprit-releases", "culprit-dates", "culprit-pythons"]
#
# [tool.bisectrix.bug]
# kind = "raises"
# pattern = "the planted bug"
#
# [tool.bisectrix.limits]
# deadline_s = 30
# quiet_s = 1
# ///
import culprit

culprit.act()
