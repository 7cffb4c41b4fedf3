"""Pytest suites that hang, die and lie: every test has an outcome all the same."""

from __future__ import annotations

import os
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bisectrix.model.attempt import Blocked, Execution, Exited, Signalled
from bisectrix.model.repro import Limits
from bisectrix.model.words import EvidenceKind, TestOutcome
from bisectrix.supervise.order import Order
from bisectrix.supervise.suite import pytest_argv, run_suite
from bisectrix.supervise.supervisor import Supervisor
from support.probed import make_environment, probed_variables

LIMITS = Limits(startup_s=60, deadline_s=60, quiet_s=1)


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_environment(tmp_path_factory.mktemp("environment") / "venv", with_our_packages=True)


@pytest.fixture(scope="module")
def runs() -> Iterator[Supervisor]:
    with Supervisor() as supervisor:
        yield supervisor


Run = Callable[..., Execution]


@pytest.fixture
def run(python: Path, runs: Supervisor, tmp_path: Path) -> Run:
    """Run a suite given as one file, or as files by name."""

    def run(code: str = "", *, arguments: tuple[str, ...] = (), limits: Limits = LIMITS, **files: str) -> Execution:
        scratch, folder = tmp_path / "scratch", tmp_path / "suite"
        scratch.mkdir()
        folder.mkdir()
        for name, text in {"test_it": code, **files}.items():
            (folder / f"{name}.py").write_text(textwrap.dedent(text), encoding="utf-8")
        tests = tuple(f"{name}.py" for name in sorted({"test_it", *files} - {"conftest"}))
        variables = {**probed_variables(scratch), "PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        order = Order(
            argv=(*pytest_argv(str(python), tests), *arguments),
            env=tuple(variables.items()),
            cwd=folder,
            scratch=scratch,
            evidence_dir=tmp_path / "evidence",
            limits=limits,
            tests=True,
        )
        return run_suite(lambda each: runs.run(each, on_pulse=lambda _pulse: None, cancelled=threading.Event()), order)

    return run


def outcomes(execution: Execution) -> dict[str, str]:
    return {test.nodeid.partition("::")[2] or test.nodeid: str(test.outcome) for test in execution.tests}


def messages(execution: Execution) -> dict[str, str]:
    return {test.nodeid.partition("::")[2] or test.nodeid: test.message for test in execution.tests}


def test_ordinary_outcomes_are_told_with_their_reasons(run: Run) -> None:
    execution = run("""
        import pytest

        def test_pass(): pass
        def test_fail(): raise ValueError("first line\\nsecond line")
        def test_assert(): assert 1 == 2
        def test_skip(): pytest.skip("not here")
        @pytest.mark.xfail(reason="known")
        def test_xfail(): assert False
        @pytest.mark.xfail(reason="known")
        def test_xpass(): pass
        @pytest.fixture
        def broken(): raise RuntimeError("no set-up")
        def test_error(broken): pass
        @pytest.fixture
        def untidy():
            yield
            raise RuntimeError("no clean-up")
        def test_untidy(untidy): pass
    """)
    assert execution.ending == Exited(code=1)
    assert {name.removeprefix("test_"): word for name, word in outcomes(execution).items()} == {
        **{word: word for word in ("pass", "fail", "skip", "xfail", "xpass", "error")},
        "assert": "fail",
        "untidy": "error",
    }
    told = messages(execution)
    assert told["test_pass"] == ""
    assert told["test_fail"] == "ValueError: first line (test_it.py:5)"
    assert told["test_assert"] == "AssertionError: assert 1 == 2 (test_it.py:6)"
    assert told["test_skip"] == "Skipped: not here"
    assert told["test_error"] == "RuntimeError: no set-up (test_it.py:13)"
    assert told["test_untidy"] == "RuntimeError: no clean-up (test_it.py:18)"


def test_one_hang_and_two_crashes_do_not_hide_the_other_tests(run: Run) -> None:
    execution = run("""
        import os, signal, threading

        def test_first(): pass
        def test_hang(): threading.Event().wait()
        def test_leave(): os._exit(0)
        def test_middle(): assert False
        def test_killed(): os.kill(os.getpid(), signal.SIGKILL)
        def test_last(): pass
    """)
    assert outcomes(execution) == {
        "test_first": "pass",
        "test_hang": "hang",
        "test_leave": "crash",
        "test_middle": "fail",
        "test_killed": "crash",
        "test_last": "pass",
    }
    told = messages(execution)
    assert told["test_hang"].endswith("in the test itself")
    assert told["test_leave"] == "ended the process with exit code 0 in the test itself"
    assert told["test_killed"] == "ended the process by SIGKILL in the test itself"
    assert isinstance(execution.ending, Blocked)
    assert "test_hang" in [frame.function for chain in execution.chains for frame in chain.frames]


def test_each_hang_keeps_its_own_evidence(run: Run) -> None:
    execution = run("""
        import asyncio, threading

        def test_thread(): threading.Event().wait()
        def test_task(): asyncio.run(asyncio.Event().wait())
    """)
    stacks = [file.path for file in execution.evidence if file.kind is EvidenceKind.STACKS]
    tasks = [file.path for file in execution.evidence if file.kind is EvidenceKind.TASKS]
    assert [file.parent.name for file in stacks] == ["run-1", "run-2"]
    assert "test_thread" in stacks[0].read_text()
    assert "waits for Event.wait" in tasks[1].read_text()
    by_test = {test.nodeid: test for test in execution.tests}
    assert {chain.kind for chain in by_test["test_it.py::test_task"].chains} == {"task", "thread"}
    assert execution.chains == by_test["test_it.py::test_thread"].chains


def test_a_hanging_fixture_is_one_hang_and_the_tests_behind_it_are_blocked(run: Run) -> None:
    execution = run(
        """
        def test_free(): pass
        def test_one(db): pass
        def test_two(user): pass
        def test_three(db): pass
        def test_four(): pass
        """,
        conftest="""
        import pytest, threading
        @pytest.fixture(scope="session")
        def db(): threading.Event().wait()
        @pytest.fixture
        def user(db): return db
        """,
    )
    assert outcomes(execution) == {
        "test_free": "pass",
        "test_one": "hang",
        "test_two": "blocked",
        "test_three": "blocked",
        "test_four": "pass",
    }
    assert messages(execution)["test_two"] == "blocked by fixture db"
    assert messages(execution)["test_one"].endswith("in set-up of fixture db")


def test_only_the_module_and_the_parameter_that_hang_are_blocked(run: Run) -> None:
    execution = run(
        """
        def test_here(place): pass
        def test_there(place): pass
        def test_kind(kind): pass
        def test_kind_again(kind): pass
        """,
        test_other="""
        def test_elsewhere(place): pass
        """,
        conftest="""
        import pytest, threading
        @pytest.fixture(scope="module")
        def place(request):
            if request.node.name == "test_it.py": threading.Event().wait()
        @pytest.fixture(scope="session", params=["good", "bad"])
        def kind(request):
            if request.param == "bad": threading.Event().wait()
        """,
    )
    assert outcomes(execution) == {
        "test_here": "hang",
        "test_there": "blocked",
        "test_elsewhere": "pass",
        "test_kind[good]": "pass",
        "test_kind_again[good]": "pass",
        "test_kind[bad]": "hang",
        "test_kind_again[bad]": "blocked",
    }


def test_a_hang_while_cleaning_up_is_a_hang_of_the_test_that_did(run: Run) -> None:
    execution = run("""
        import pytest, threading
        @pytest.fixture(scope="module")
        def stuck():
            yield
            threading.Event().wait()
        def test_first(stuck): pass
        def test_last(stuck): pass
    """)
    assert outcomes(execution) == {"test_first": "pass", "test_last": "hang"}
    assert messages(execution)["test_last"].endswith("in teardown of fixture stuck")


def test_odd_ids_are_left_out_exactly_when_the_suite_goes_on(run: Run) -> None:
    execution = run(r"""
        import pytest, threading
        ODD = ["a b", "x::y", "new\nline", "[]", "é", "quote'\"", "*", ""]
        @pytest.mark.parametrize("value", ODD)
        def test_odd(value):
            if value == "x::y": threading.Event().wait()
        class TestGroup:
            def test_odd(self): pass
            def test_odder(self): pass
    """)
    told = outcomes(execution)
    assert len(told) == 10
    assert [name for name, word in told.items() if word == "hang"] == ["test_odd[x::y]"]
    assert [word for word in told.values() if word != "hang"] == ["pass"] * 9


def test_an_interrupt_out_of_a_test_ends_that_test_and_no_other(run: Run) -> None:
    execution = run("""
        import pytest
        def test_first(): pass
        def test_interrupt(): raise KeyboardInterrupt
        def test_exit(): pytest.exit("enough")
        def test_last(): pass
    """)
    assert outcomes(execution) == {
        "test_first": "pass",
        "test_interrupt": "crash",
        "test_exit": "crash",
        "test_last": "pass",
    }


def test_a_file_that_cannot_be_collected_is_an_error_with_its_reason(run: Run) -> None:
    execution = run("def test_fine(): pass", test_other="import no_such_module")
    assert outcomes(execution) == {"test_other.py": "error"}
    assert "No module named 'no_such_module'" in messages(execution)["test_other.py"]
    assert execution.ending == Exited(code=2)


def test_a_hang_while_collecting_is_a_hang_of_the_file_and_the_others_run(run: Run) -> None:
    execution = run(
        "def test_it(): pass",
        test_hangs="import threading; threading.Event().wait()",
        test_leaves="import os; os._exit(0)",
    )
    assert outcomes(execution) == {"test_hangs.py": "hang", "test_leaves.py": "crash", "test_it": "pass"}
    assert messages(execution)["test_hangs.py"].endswith("in collection")
    assert messages(execution)["test_leaves.py"] == "ended the process with exit code 0 in collection"
    assert isinstance(execution.ending, Blocked)
    assert execution.chains != ()


@pytest.mark.parametrize(
    "left_behind", ["threading.Thread(target=wait).start()", "atexit.register(wait)"], ids=["thread", "atexit"]
)
def test_a_hang_at_exit_is_named_as_such_though_all_tests_passed(run: Run, left_behind: str) -> None:
    execution = run(f"""
        import atexit, threading
        wait = threading.Event().wait
        def test_leaves_it(): {left_behind}
        def test_last(): pass
    """)
    assert isinstance(execution.ending, Blocked)
    assert outcomes(execution) == {"test_leaves_it": "pass", "test_last": "pass", "exit": "hang"}
    assert messages(execution)["exit"].endswith("at exit, after all tests")


def test_leaving_between_two_tests_is_no_success(run: Run) -> None:
    execution = run(
        """
        def test_first(): pass
        def test_never(): pass
        """,
        conftest="""
        import os
        def pytest_runtest_logfinish(nodeid):
            if "first" in nodeid: os._exit(0)
        """,
    )
    assert execution.ending == Exited(code=0)
    assert outcomes(execution)["session"] == "crash"
    assert messages(execution)["session"] == "ended the process with exit code 0 before pytest had ended"
    assert outcomes(execution)["test_never"] == "blocked"


def test_what_the_subject_deselects_or_stops_by_itself_is_not_run_again(run: Run) -> None:
    execution = run(
        """
        def test_first(): pass
        def test_fails(): assert False
        def test_never(): pass
        """,
        arguments=("-x", "-k", "first or fails or never"),
    )
    assert outcomes(execution) == {"test_first": "pass", "test_fails": "fail"}


def test_a_suite_that_dies_before_its_first_test_is_given_up_with_a_reason(run: Run) -> None:
    execution = run(
        "def test_it(): pass",
        conftest="""
        import os
        def pytest_runtestloop(): os.abort()
        """,
    )
    assert execution.ending == Signalled(signal="SIGABRT")
    assert outcomes(execution) == {"session": str(TestOutcome.CRASH), "test_it": str(TestOutcome.BLOCKED)}
    assert messages(execution)["test_it"] == "never begun: ended the process by SIGABRT before it"


def test_a_suite_sees_neither_our_variables_nor_our_folder(run: Run) -> None:
    execution = run("""
        import os, sys
        def test_nothing_shows():
            assert not {"BISECTRIX_EVENTS", "BISECTRIX_DESELECT"} & os.environ.keys()
            assert not [entry for entry in sys.path if entry.endswith("bisectrix/probe")]
        def test_a_fork_does_not_tell():
            if os.fork() == 0: raise KeyboardInterrupt
            os.wait()
    """)
    assert outcomes(execution) == {"test_nothing_shows": "pass", "test_a_fork_does_not_tell": "pass"}


def test_settings_of_folders_above_are_not_the_suites_own(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", encoding="utf-8")
    (tmp_path / "conftest.py").write_text("raise RuntimeError\n", encoding="utf-8")
    assert outcomes(run("def test_it(): pass")) == {"test_it": "pass"}


POLLS = "[time.sleep(0.01) for _ in iter(int, 1)]"


@pytest.mark.parametrize(
    ("limits", "code", "told"),
    [
        (Limits(collect_s=0.5), f"import time\n{POLLS}", "in collection"),
        (Limits(test_s=0.5), f"import time\ndef test_it(): {POLLS}", "in the test itself"),
        (
            Limits(fixture_s=0.5),
            f"import pytest, time\n@pytest.fixture\ndef slow(): {POLLS}\ndef test_it(slow): pass",
            "in set-up of fixture slow",
        ),
        (
            Limits(fixture_s=0.5),
            f"import pytest, time\n@pytest.fixture\ndef slow():\n  yield\n  {POLLS}\ndef test_it(slow): pass",
            "in teardown of fixture slow",
        ),
        (
            Limits(exit_s=0.5),
            f"import atexit, time\ndef poll(): {POLLS}\natexit.register(poll)\ndef test_it(): pass",
            "at exit, after all tests",
        ),
    ],
    ids=["collection", "test", "set-up", "teardown", "exit"],
)
def test_each_part_of_a_suite_has_a_limit_of_its_own(run: Run, limits: Limits, code: str, told: str) -> None:
    execution = run(code, limits=limits)
    (test,) = [test for test in execution.tests if test.outcome is not TestOutcome.PASS]
    assert test.outcome is TestOutcome.TIMEOUT
    assert test.message.endswith(told)


def test_a_time_limit_of_the_suite_itself_keeps_its_own_outcome(run: Run) -> None:
    execution = run(
        """
        import pytest, time
        @pytest.mark.timeout(0.2, method="signal")
        def test_signal(): time.sleep(60)
        @pytest.mark.timeout(0.2, method="thread")
        def test_thread(): time.sleep(60)
        def test_last(): pass
        """,
        arguments=("-p", "pytest_timeout"),
    )
    assert outcomes(execution) == {"test_signal": "fail", "test_thread": "fail", "test_last": "pass"}
    told = messages(execution)
    assert told["test_signal"].startswith("Failed: Timeout")
    assert told["test_thread"] == "Timeout: pytest-timeout ended the process in the test itself"


def test_warnings_as_errors_find_none_of_ours(run: Run) -> None:
    execution = run("def test_it(): pass", arguments=("-W", "error", "-p", "xdist", "-p", "pytest_timeout"))
    assert outcomes(execution) == {"test_it": "pass"}


@pytest.mark.slow
def test_asynchronous_tests_have_outcomes_too(run: Run) -> None:
    execution = run(
        """
        import anyio, pytest
        pytestmark = pytest.mark.anyio
        @pytest.fixture(params=["asyncio", "trio"])
        def anyio_backend(request): return request.param
        @pytest.fixture
        async def resource():
            yield 1
            await anyio.sleep(0)
        async def test_passes(resource): await anyio.sleep(0)
        async def test_hangs(anyio_backend_name):
            if anyio_backend_name == "asyncio": await anyio.Event().wait()
        """,
        arguments=("-p", "anyio.pytest_plugin"),
    )
    told = outcomes(execution)
    assert told.pop("test_hangs[asyncio]") == "hang"
    assert told == dict.fromkeys(("test_passes[asyncio]", "test_passes[trio]", "test_hangs[trio]"), "pass")
    (hung,) = [test for test in execution.tests if test.outcome is TestOutcome.HANG]
    assert "test_hangs" in [frame.function for chain in hung.chains for frame in chain.frames]


XDIST = ("-p", "xdist", "-n", "2")


@pytest.mark.slow
def test_tests_that_xdist_distributes_have_outcomes_too(run: Run) -> None:
    execution = run(
        """
        import pytest
        @pytest.fixture
        def broken(): raise RuntimeError("no set-up")
        def test_first(): pass
        def test_fails(): assert False
        def test_error(broken): pass
        def test_last(): pass
        """,
        arguments=XDIST,
    )
    assert outcomes(execution) == {
        "test_first": "pass",
        "test_fails": "fail",
        "test_error": "error",
        "test_last": "pass",
    }
    assert messages(execution)["test_fails"] == "AssertionError: assert False (test_it.py:6)"


@pytest.mark.slow
@pytest.mark.parametrize("restarts", [(), ("--max-worker-restart=0",)], ids=["restarts", "no restarts"])
def test_a_hang_and_a_crash_in_workers_of_xdist_do_not_hide_the_others(run: Run, restarts: tuple[str, ...]) -> None:
    execution = run(
        """
        import os, pytest, threading
        @pytest.fixture(scope="module")
        def stuck(): threading.Event().wait()
        def test_first(): pass
        def test_hang(): threading.Event().wait()
        def test_second(): pass
        def test_leave(): os._exit(0)
        def test_stuck(stuck): pass
        def test_behind(stuck): pass
        def test_last(): pass
        """,
        arguments=(*XDIST, *restarts),
    )
    told = outcomes(execution)
    assert sorted((told.pop("test_stuck"), told.pop("test_behind"))) in (["blocked", "hang"], ["hang", "hang"])
    assert told == {
        **dict.fromkeys(("test_first", "test_second", "test_last"), "pass"),
        "test_hang": "hang",
        "test_leave": "crash",
    }
    assert messages(execution)["test_hang"].endswith("in the test itself")
    assert "crashed while running" in messages(execution)["test_leave"]
    (hung,) = [test for test in execution.tests if test.nodeid.endswith("test_hang")]
    assert "test_hang" in [frame.function for chain in hung.chains for frame in chain.frames]
    assert len({chain.process for chain in hung.chains}) == 1
