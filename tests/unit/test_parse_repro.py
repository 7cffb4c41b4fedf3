"""The manifest of a repro: what it says, and what is said about its mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bisectrix.errors import ExitCode, ManifestError
from bisectrix.manifest.repro import parse_repro
from bisectrix.model.repro import Bug, Limits, Repro
from bisectrix.model.words import BugKind, Network, OverrunLabel

SCRIPT = """\
#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["httpx>=0.27", "vcrpy>=4.4"]
#
# [tool.uv]
# managed = true
#
# [tool.bisectrix]
# title = "A request waits for ever"
# question = "Which releases?"
# links = ["https://example.org/977"]
# ready = "ready"
# attempts = 3
# matrices = ["quick", "full"]
# tags = ["vcr"]
# command = ["-X", "dev", "script.py"]
# network = "none"
# env = { DO_NOT_TRACK = "1" }
#
# [tool.bisectrix.bug]
# kind = "hang"
# stack = ["stubs.py", "pool.py:wait"]
# pattern = "PoolTimeout"
# accept = ["polling"]
#
# [tool.bisectrix.limits]
# deadline_s = 30
# quiet_s = 2.5
# ///
print("ready")
"""

FOLDER = """\
title = "Lost wake-ups"
requires_python = ">=3.8"
dependencies = ["pytest>=7"]
tests = ["test_a.py", "more/test_b.py"]

[bug]
kind = "hang"
tests = ["test_wait*"]
"""

TWO_LINES = '"\u2028ä\\n' + "ä" * 70 + '"'


def mistakes(text: str, path: str = "repros/x/repro.toml") -> list[str]:
    with pytest.raises(ManifestError) as caught:
        parse_repro(text, Path(path), "x")
    assert caught.value.place == path
    assert caught.value.exit_code is ExitCode.USAGE
    return [str(mistake) for mistake in caught.value.mistakes]


def in_script(*table: str) -> str:
    lines = ["# /// script", "# [tool.bisectrix]", '# title = "t"', *(f"# {line}" for line in table), "# ///"]
    return "\n".join(lines) + "\n"


def in_folder(*lines: str, bug: str = 'kind = "fail"') -> str:
    return "\n".join(['title = "t"', *lines, "[bug]", bug])


def test_a_script_says_all_that_its_block_says() -> None:
    assert parse_repro(SCRIPT, Path("repros/x.py"), "x") == Repro(
        name="x",
        path=Path("repros/x.py"),
        title="A request waits for ever",
        question="Which releases?",
        links=("https://example.org/977",),
        bug=Bug(
            kind=BugKind.HANG,
            stack=("stubs.py", "pool.py:wait"),
            pattern="PoolTimeout",
            accept=(OverrunLabel.POLLING,),
        ),
        dependencies=("httpx>=0.27", "vcrpy>=4.4"),
        requires_python=">=3.9",
        command=("-X", "dev", "script.py"),
        ready="ready",
        limits=Limits(deadline_s=30, quiet_s=2.5),
        attempts=3,
        matrices=("quick", "full"),
        tags=("vcr",),
        env=(("DO_NOT_TRACK", "1"),),
        network=Network.NONE,
    )


@pytest.mark.parametrize("path", ["repros/x", "repros/x/repro.toml"])
def test_a_folder_may_be_named_by_itself_or_by_its_manifest(path: str) -> None:
    assert parse_repro(FOLDER, Path(path), "x") == Repro(
        name="x",
        path=Path("repros/x"),
        title="Lost wake-ups",
        bug=Bug(kind=BugKind.HANG, tests=("test_wait*",)),
        dependencies=("pytest>=7",),
        requires_python=">=3.8",
        tests=("test_a.py", "more/test_b.py"),
    )


def test_what_is_not_written_has_the_defaults_of_the_model() -> None:
    read = parse_repro(in_script("bug = { kind = 'crash' }"), Path("x.py"), "x")
    assert read == Repro(name="x", path=Path("x.py"), title="t", bug=Bug(kind=BugKind.CRASH))


def test_all_mistakes_of_a_file_come_together_in_its_order() -> None:
    text = """\
titel = "x"
dependencies = ["httpx>="]
matrices = ["full.toml"]
links = ["example.org"]
command = ["x.py"]

[bug]
kind = "hnag"
pattern = "("

[limits]
quiet_s = -1
deadline = 30
processes = true

[env]
1X = "a"
Y = 2
"""
    known = (
        "title, question, links, command, ready, attempts, matrices, tags, network, trusted, env, native_stacks, bug, limits, claims, "
        "requires_python, dependencies, tests"
    )
    assert mistakes(text) == [
        f"titel: found an unknown key, expected one of {known} (did you mean title?)",
        (
            'dependencies[0]: found "httpx>=", expected a requirement such as "httpx>=0.27" '
            "(Expected semicolon (after name with no version specifier) or end)"
        ),
        'matrices[0]: found "full.toml", expected the name of a file in matrices/ without .toml (write full)',
        'links[0]: found "example.org", expected an address that starts with https:// or http://',
        'bug.kind: found "hnag", expected one of hang, crash, fail, raises, prints (did you mean hang?)',
        (
            'bug.pattern: found "(", expected a regular expression of Python '
            "(missing ), unterminated subpattern at position 0)"
        ),
        "limits.quiet_s: found -1, expected a positive number of seconds",
        (
            "limits.deadline: found an unknown key, expected one of "
            "install_s, startup_s, deadline_s, quiet_s, memory_mib, output_mib, processes, disk_mib, cpu_s, assume, "
            "collect_s, fixture_s, test_s, exit_s (did you mean deadline_s?)"
        ),
        "limits.processes: found true, expected a positive whole number",
        'env.1X: found "1X", expected the name of an environment variable: letters, digits and _',
        "env.Y: found 2, expected a text in quotes (put it in quotes)",
        "title: found nothing, expected one line of text",
    ]


def test_a_key_path_in_a_script_starts_at_the_top_of_its_block() -> None:
    text = in_script("[tool.bisectrix.bug]", "kind = 'fail'", "[tool.bisectrix.limits]", "quiet_s = 'long'")
    assert mistakes(text, "x.py") == [
        'tool.bisectrix.limits.quiet_s: found "long", expected a positive number of seconds',
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        pytest.param(
            in_script("dependencies = []", "bug = { kind = 'fail' }"),
            "tool.bisectrix.dependencies: found an unknown key, expected one of title, question, links, command, ready, "
            "attempts, matrices, tags, network, trusted, env, native_stacks, bug, limits, claims "
            "(in a script it stands above [tool.bisectrix], beside requires-python)",
            id="dependencies-below",
        ),
        pytest.param(
            in_script("bug = { kind = 'fail', tests = ['test_a'] }"),
            "tool.bisectrix.bug.tests: found names of tests, expected none, since this is no pytest repro "
            "(a pytest repro is a folder with a repro.toml)",
            id="tests-of-a-script",
        ),
        pytest.param(
            '# /// script\n# dependencies = ["x"]\n# ///\n',
            "tool: found nothing, expected a table",
            id="no-table",
        ),
        pytest.param(
            in_script("title = 'again'"),
            "line 4, column 18, expected valid TOML (Cannot overwrite a value)",
            id="syntax",
        ),
        pytest.param(
            "print()\n",
            "script: found none, expected one `script` block (PEP 723) (its first line is `# /// script`)",
            id="no-block",
        ),
        pytest.param(
            "# /// script\n# a = 1\n",
            "script: found an unclosed block, expected one `script` block (PEP 723) "
            "(it ends with a line `# ///`, each line before it starts with `# `)",
            id="unclosed",
        ),
        pytest.param(
            in_script("bug = { kind = 'fail' }") + "\n" + in_script(),
            "script: found 2 blocks, expected one `script` block (PEP 723) (lines 1, 7)",
            id="two-blocks",
        ),
    ],
)
def test_a_mistake_in_a_script_says_where_things_belong(text: str, mistake: str) -> None:
    assert mistakes(text, "x.py") == [mistake]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        pytest.param(
            in_folder(),
            "tests: found nothing, expected test files for pytest "
            "(or command, the arguments of Python, where this is no pytest repro)",
            id="nothing-to-run",
        ),
        pytest.param(
            in_folder("tests = ['t.py']", "dependencies = ['pytest-asyncio>=1']"),
            "dependencies: found no pytest in it, expected pytest among the dependencies, since there are tests "
            '(add "pytest>=7")',
            id="no-pytest",
        ),
        pytest.param(
            in_folder("tests = ['t.py']", "dependencies = ['pytest']", "ready = 'go'"),
            'ready: found "go", expected no ready beside tests (in a pytest repro each test has a deadline of its own)',
            id="ready-and-tests",
        ),
        pytest.param(
            in_folder("tests = ['t.py']", "dependencies = ['PyTest[x]']", "command = ['t.py']"),
            "command: found a list, expected no command beside tests "
            "(pytest is run; put its options into a pytest.ini in the folder)",
            id="command-and-tests",
        ),
        pytest.param(
            in_folder("tests = []", "dependencies = ['pytest']"),
            "tests: found an empty list, expected a list with at least one test file",
            id="no-test-files",
        ),
        pytest.param(
            in_folder("tests = ['../t.py']", "dependencies = ['pytest']"),
            'tests[0]: found "../t.py", expected the path of a test file inside the folder '
            "(relative to the folder of repro.toml, with forward slashes and without ..)",
            id="tests-outside",
        ),
        pytest.param(
            in_folder("command = ['x.py']", bug="kind = 'fail'\ntests = ['a']"),
            "bug.tests: found names of tests, expected none, since this is no pytest repro "
            "(add tests, the files for pytest)",
            id="bug-tests-without-tests",
        ),
        pytest.param(
            in_folder("command = ['x.py']", bug="kind = 'prints'"),
            "bug.pattern: found nothing, expected what a bug of kind prints shows in its output",
            id="prints-what",
        ),
        pytest.param(
            in_folder("command = ['x.py']", bug="kind = 'hang'\nexit_codes = [1]"),
            "bug.exit_codes: found a list, expected exit_codes only in a bug of kind fail (this bug is of kind hang)",
            id="exit-codes-of-a-hang",
        ),
        pytest.param(
            in_folder("command = ['x.py']", bug="kind = 'crash'\nstack = ['a.py']"),
            "bug.stack: found a list, expected stack only in a bug of kind hang or fail or raises "
            "(this bug is of kind crash)",
            id="stack-of-a-crash",
        ),
        pytest.param(
            in_folder("command = ['x.py']", bug="kind = 'fail'\nexit_codes = [0]"),
            "bug.exit_codes[0]: found 0, expected an exit code from 1 to 255",
            id="exit-code-0",
        ),
        pytest.param(
            in_folder("command = ['x.py']", "tags = ['a', 'b', 'a']"),
            'tags[2]: found "a", expected each value once (it is the same as [0])',
            id="twice",
        ),
        pytest.param(
            in_folder("command = ['x.py']", "requires_python = '3.9'"),
            'requires_python: found "3.9", expected a range such as ">=3.10" '
            '(write "==3.9" for it alone or ">=3.9" for it and all newer ones)',
            id="requires-a-version",
        ),
        pytest.param(
            in_folder("command = ['x.py']", "[tool.bisectrix]"),
            "tool: found an unknown key, expected one of title, question, links, command, ready, attempts, matrices, "
            "tags, network, trusted, env, native_stacks, bug, limits, claims, requires_python, dependencies, tests "
            "(repro.toml has these keys at its top, without [tool.bisectrix])",
            id="tool-table",
        ),
        pytest.param(
            in_folder("command = ['x.py']", "limits = { deadline_s = inf }"),
            "limits.deadline_s: found Infinity, expected a positive number of seconds",
            id="infinite",
        ),
        pytest.param(
            in_folder("command = ['x.py']", f"attempts = 0x1{'0' * 6000}"),
            "attempts: found a very large number, expected a positive whole number",
            id="very-large",
        ),
        pytest.param(
            in_folder("command = ['x.py']", f"question = {TWO_LINES}"),
            f'question: found "\\u2028ä\\n{"ä" * 49}…, expected one line of text',
            id="long",
        ),
    ],
)
def test_a_mistake_in_a_folder_s_manifest_says_what_is_expected(text: str, mistake: str) -> None:
    assert mistakes(text) == [mistake]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("a = ", "line 1, column 5, expected valid TOML (Invalid value)"),
        ("a = 1\nb = [1,\n", "line 3, column 1, expected valid TOML (Invalid value)"),
        ("a = " + "[" * 3000, "line 1, column 3005, expected valid TOML (lists or tables nested too deeply)"),
    ],
)
def test_what_is_no_toml_is_named_by_line_and_column(text: str, mistake: str) -> None:
    assert mistakes(text) == [mistake]
