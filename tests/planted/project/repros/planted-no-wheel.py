# /// script
# requires-python = ">=3.8"
# dependencies = ["no-wheel>=0"]
#
# [tool.bisectrix]
# title = "It does not come in a form that fits"
# matrices = ["no-wheel-releases"]
#
# [tool.bisectrix.bug]
# kind = "fail"
#
# [tool.bisectrix.limits]
# deadline_s = 30
# quiet_s = 1
# ///
import no_wheel

no_wheel.act()
