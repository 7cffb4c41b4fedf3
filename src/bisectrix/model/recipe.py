"""What a run was made of and what it ran on, so that it can be made again and compared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """What a replay needs beside the lock, the Python and the image.

    Attributes:
        files: of the repro: path with forward slashes, and the hash under which its content is kept; sorted by path.
        args: what the cell adds to the repro's command.
        variables: name and value of every variable that is the same in each attempt, sorted by name; secrets hidden.
    """

    files: tuple[tuple[str, str], ...]
    args: tuple[str, ...]
    variables: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """What an attempt ran on; two machines may differ in it and still show the same.

    Attributes:
        kernel: `Linux 6.1.0-18-amd64`.
        cpus: processors that the harness may use.
        busy: load average over a minute when the attempt started.
        libc: `glibc 2.36`; empty where it does not say.
        build: of the Python: `(main, Jan 5 2026, 10:11:12) [GCC 12.2.0]`.
        abi: of the Python, which native wheels must fit: `cpython-311-x86_64-linux-gnu`.
        image: digest of the container image; empty on the host.
        tool: version of bisectrix.
    """

    kernel: str
    cpus: int
    busy: float
    libc: str
    build: str
    abi: str
    tool: str
    image: str = ""
