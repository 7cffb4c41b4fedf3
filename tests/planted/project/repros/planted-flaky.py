# /// script
# requires-python = ">=3.8"
# dependencies = ["flaky>=0"]
#
# [tool.bisectrix]
# title = "Bad luck"
# matrices = ["flaky-rates"]
# attempts = 10
# env = { FLAKY_TOSSES = "@TOSSES@" }
#
# [tool.bisectrix.bug]
# kind = "raises"
# pattern = "bad luck"
#
# [tool.bisectrix.limits]
# deadline_s = 30
# quiet_s = 1
# ///
import flaky

flaky.act()
