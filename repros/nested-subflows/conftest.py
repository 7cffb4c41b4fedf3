import settings

settings.apply()


def pytest_runtest_logreport(report):
    """Say that the test server has started; with pytest-xdist the reports of the workers arrive here, too."""
    if report.when == "setup" and report.passed:
        print("\nready", flush=True)
