# /// script
# requires-python = ">=3.8"
# dependencies = ["unsatisfiable>=0"]
#
# [tool.bisectrix]
# title = "It needs what does not exist"
# matrices = ["unsatisfiable-releases"]
#
# [tool.bisectrix.bug]
# kind = "fail"
#
# [tool.bisectrix.limits]
# deadline_s = 30
# quiet_s = 1
# ///
import unsatisfiable

unsatisfiable.act()
