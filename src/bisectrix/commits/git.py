"""git as a value: which repository it is asked about, and an environment in which its answers are always the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from bisectrix.errors import UsageError
from bisectrix.supervise.command import Completed, run_command

LOCAL_DEADLINE_S = 120.0
NETWORK_DEADLINE_S = 900.0

HANDED_ON = re.compile(
    r"""
      PATH | HOME | TMPDIR | XDG_(?:CACHE|CONFIG|RUNTIME)_(?:HOME|DIR) | NETRC
    | SSH_AUTH_SOCK | GIT_SSH | GIT_SSH_COMMAND | GIT_SSL_CAINFO | GIT_ASKPASS | SSL_CERT_(?:FILE|DIR)
    | (?:https?|all|no)_proxy | GIT_CONFIG_(?:GLOBAL|NOSYSTEM)
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Who we are and how the network is reached. Not GIT_DIR and its like, which a hook or an alias may have set."""

ALWAYS = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",  # a question must not write into somebody's repository
    "GIT_NO_REPLACE_OBJECTS": "1",  # installers see the commits themselves
}

PLAIN = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.splitIndex=false")

USER_INFO = re.compile(r"(\b[a-z+]+://)[^/\s@]+@")


@dataclass(frozen=True, kw_only=True, slots=True)
class Git:
    """Asks about one repository.

    Attributes:
        folder: the repository, its work tree, or a folder inside it.
        variables: the whole environment git is started with.
    """

    folder: Path
    variables: Mapping[str, str] = field(repr=False)

    @classmethod
    def at(cls, folder: Path, environ: Mapping[str, str]) -> Self:
        """Ask about the repository that `folder` is or lies in; of `environ`, the caller's, only little is handed on."""
        kept = {name: value for name, value in environ.items() if HANDED_ON.fullmatch(name)}
        return cls(folder=folder, variables={**kept, **ALWAYS})

    def moved(self, folder: Path) -> Self:
        """Ask about another one."""
        return replace(self, folder=folder)

    def with_variables(self, **variables: str) -> Self:
        """Tell git more."""
        return replace(self, variables={**self.variables, **variables})

    def call(self, *arguments: str, deadline_s: float = LOCAL_DEADLINE_S) -> Completed:
        """Run git, whatever comes of it.

        Raises:
            InfraError: it cannot be started or is too slow.
        """
        return run_command(
            ("git", *PLAIN, "-C", str(self.folder), *arguments), env=self.variables, deadline_s=deadline_s
        )

    def says(self, *arguments: str) -> bool:
        """Return the answer to a question that git answers with its exit code."""
        return self.call(*arguments).exit_code == 0

    def output(self, *arguments: str, deadline_s: float = LOCAL_DEADLINE_S) -> str:
        """Return what git prints.

        Raises:
            UsageError: git refuses; it says why.
            InfraError: it cannot be started or is too slow.
        """
        done = self.call(*arguments, deadline_s=deadline_s)
        if done.exit_code:
            raise UsageError(f"git {arguments[0]} failed: {explained(done)}", place=str(self.folder))
        return done.stdout


def explained(done: Completed) -> str:
    """Return git's own words without credentials, one line."""
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines
    words = "; ".join(line.removeprefix("fatal: ").removeprefix("error: ") for line in telling[:3])
    return USER_INFO.sub(r"\1****@", words) or f"exit code {done.exit_code}"
