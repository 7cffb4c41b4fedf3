"""How long a hang waits for its verdict, and what watching costs.

    nox -s bench -- hang

Prints Markdown tables of medians. Times of verdicts run from the moment in which the program begins to wait.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import MappingProxyType

from bisectrix.model.attempt import Blocked, Ending, Execution
from bisectrix.model.repro import Limits
from bisectrix.supervise import proc, tree, zygote
from bisectrix.supervise.cancelled import Cancelled
from bisectrix.supervise.order import Order, Pulse
from bisectrix.supervise.proof.deep_look import deep_look
from bisectrix.supervise.proof.networks import Networks
from bisectrix.supervise.sample import Look, look, threads_of
from bisectrix.supervise.sampler import Sampler
from bisectrix.supervise.supervisor import Supervisor
from bisectrix.supervise.vigil import TICK_S

ROOT = Path(__file__).parents[1]
READY = "ready"
LIMITS = Limits(startup_s=120, deadline_s=60, quiet_s=10)
UNLIMITED = Limits(startup_s=120, deadline_s=3600, quiet_s=10)
SETTLED_S = 16.0
STILL_AFTER_S = 2.0
WATCHED_S = 10.0
APART_S = 0.25
TURNS = "while True: time.sleep(0.05)"

PROGRAMS: Mapping[str, str] = MappingProxyType({
    "two locks": """
import threading
left, right, both = threading.Lock(), threading.Lock(), threading.Barrier(2)
def take(first, second):
    with first:
        both.wait()
        with second: pass
threading.Thread(target=take, args=(left, right)).start()
print("ready", flush=True)
take(right, left)
""",
    "asyncio Event never set": """
import asyncio
async def main():
    print("ready", flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
""",
    "child waiting on stdin": """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "print('ready', flush=True); input()"], stdin=subprocess.PIPE)
child.wait()
""",
    "lost pool worker": """
import multiprocessing, os
with multiprocessing.get_context("fork").Pool(2) as pool:
    print("ready", flush=True)
    pool.apply(os._exit, (1,))
""",
})  # fmt: skip
TARGET_S = 2.0
POOL_TARGET_S = 6.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the time to a verdict of hang, and what watching costs.")
    parser.add_argument("--times", type=int, default=11, help="attempts of each program [11]")
    parser.add_argument("--offline", action="store_true", help="leave out the hang in packages from the index")
    parser.add_argument("--part", action="append", choices=["verdicts", "watching", "warden"], help="measure it alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bisectrix-bench-") as name, Supervisor() as supervisor:
        folder = Path(name)
        parts: Mapping[str, Callable[[Supervisor, Path, int], None]] = {
            "verdicts": partial(print_verdicts, offline=options.offline),
            "watching": print_watching,
            "warden": print_warden,
        }
        for part in options.part or parts:
            parts[part](supervisor, folder, options.times)


def print_verdicts(supervisor: Supervisor, folder: Path, times: int, *, offline: bool) -> None:
    """Print how long each hang waits for its verdict."""
    print("| hang | target | median | slowest | verdicts |\n|---|---|---|---|---|")
    for name, text in PROGRAMS.items():
        program = folder / f"{name.replace(' ', '-')}.py"
        program.write_text(text, encoding="utf-8")
        print_row(name, TARGET_S, [run(supervisor, (sys.executable, str(program)), folder) for _ in range(times)])
    if not offline:
        python = pool_environment(folder)
        argv = (str(python), str(ROOT / "repros/vcr-pool.py"))
        print_row("vcrpy 8.1.1 pool", POOL_TARGET_S, [run(supervisor, argv, folder) for _ in range(times)])


def print_row(name: str, target_s: float, executions: list[Execution]) -> None:
    """Print the times of one hang and what was said of it."""
    waited = [execution.duration_s - execution.ready_after_s for execution in executions]
    words = [word(execution.ending) for execution in executions]
    counts = ", ".join(f"{each} {words.count(each)}" for each in sorted(set(words)))
    print(f"| {name} | {target_s:.0f} s | {statistics.median(waited):.2f} s | {max(waited):.2f} s | {counts} |")


def word(ending: Ending) -> str:
    """Return the grade of a hang, or what else it was."""
    return str(ending.grade) if isinstance(ending, Blocked) else type(ending).__name__.lower()


def pool_environment(folder: Path) -> Path:
    """Install the packages of the hang in a pool of connections, and return their Python."""
    python = folder / "packages/bin/python"
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", folder / "packages"], check=True, timeout=300)  # noqa: S603 - our own argv
    requirements = ("vcrpy==8.1.1", "httpx==0.28.1")
    install = [*uv, "pip", "install", "-q", "--python", str(python), *requirements]
    subprocess.run(install, check=True, timeout=300)  # noqa: S603 - our own argv
    return python


def run(supervisor: Supervisor, argv: tuple[str, ...], folder: Path, *, ready: str = READY) -> Execution:
    """Run a command under watch."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        order = an_order(argv, Path(scratch), ready=ready)
        return supervisor.run(order, on_pulse=lambda _pulse: None, cancelled=threading.Event())


def an_order(argv: tuple[str, ...], scratch: Path, *, ready: str, limits: Limits = LIMITS) -> Order:
    """Return an order to run a command."""
    return Order(
        argv=argv,
        env=(("PATH", os.environ["PATH"]), ("HOME", str(scratch)), ("TMPDIR", str(scratch))),
        cwd=scratch,
        scratch=scratch,
        evidence_dir=scratch / "evidence",
        limits=limits,
        ready=ready,
    )


def print_watching(supervisor: Supervisor, folder: Path, times: int) -> None:
    """Print what share of a core a warden takes, by the threads it watches; and what it costs to read all of them once."""
    print(
        "\n| threads | none runs | looks alone | one runs 20 times a second | reading them | a deep look |\n|---|---|---|---|---|---|"
    )
    networks = Networks()
    for count in (1, 10, 100, 500):
        shares = [warden_share(supervisor, folder, count, then) for then in ("stay.wait(600)", TURNS)]
        with waiting(count) as pid:
            now = look((pid,))
            looks = glances_share(pid)
            read_s = statistics.median(timed(partial(threads_of, pid, now.threads)) for _ in range(20 * times))
            deep_s = statistics.median(timed(partial(look_deeply, now, networks)) for _ in range(times))
        idle, turning = (f"{share:.2%}" for share in shares)
        print(f"| {count} | {idle} | {looks:.3%} | {turning} | {read_s * 1e6:.0f} us | {deep_s * 1e3:.1f} ms |")


def warden_share(supervisor: Supervisor, folder: Path, count: int, then: str) -> float:
    """Return how much of a core our processes beside this one take while one of them watches; others only wait."""
    program = folder / "threads.py"
    program.write_text(f"{threads(count)}{then}\n", encoding="utf-8")
    ready, enough = threading.Event(), threading.Event()
    order = an_order((sys.executable, str(program)), folder, ready=READY, limits=UNLIMITED)

    def on_pulse(pulse: Pulse) -> None:
        if pulse is Pulse.READY:
            ready.set()

    def watch() -> None:
        with suppress(Cancelled):
            supervisor.run(order, on_pulse=on_pulse, cancelled=enough)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        if not ready.wait(LIMITS.startup_s):
            raise TimeoutError(program)
        time.sleep(SETTLED_S)
        ours = [pid for pid in tree.descendants(os.getpid()) if zygote.__name__ in proc.command_line(pid)]
        before_s, before_ns = time.monotonic(), sum(proc.ran_ns(pid) or 0 for pid in ours)
        time.sleep(WATCHED_S)
        return (sum(proc.ran_ns(pid) or 0 for pid in ours) - before_ns) / 1e9 / (time.monotonic() - before_s)
    finally:
        enough.set()
        watching.join()


def glances_share(pid: int) -> float:
    """Return how much of a core looking four times a second takes of this thread while nothing runs; pauses are left out."""
    sampler = Sampler(lambda: (pid,))
    glance_through(sampler, STILL_AFTER_S)
    return glance_through(sampler, WATCHED_S) / WATCHED_S


def glance_through(sampler: Sampler, length_s: float) -> float:
    """Look for so long, and return the time on a core that it took."""
    used_s = 0.0
    for _ in range(round(length_s / TICK_S)):
        before_s = time.thread_time()
        sampler.glance(WATCHED_S)
        used_s += time.thread_time() - before_s
        time.sleep(TICK_S)
    return used_s


def look_deeply(now: Look, networks: Networks) -> None:
    """See what each thread waits on, as a proof does."""
    deep_look(now, (os.getpid(),), networks, ran=frozenset(), quiet_s=1.0)


def threads(count: int) -> str:
    """Return the beginning of a program with so many threads, all but the first of which wait."""
    return (
        "import threading, time\nthreading.stack_size(1 << 16)\nstay = threading.Event()\n"
        f"for _ in range({count - 1}): threading.Thread(target=stay.wait, daemon=True).start()\n"
        "print('ready', flush=True)\n"
    )


@contextmanager
def waiting(count: int) -> Iterator[int]:
    """Have a process with so many threads that wait."""
    with subprocess.Popen([sys.executable, "-c", f"{threads(count)}stay.wait()"], stdout=subprocess.PIPE) as process:  # noqa: S603 - our own
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.5)
        try:
            yield process.pid
        finally:
            process.kill()


def print_warden(supervisor: Supervisor, folder: Path, times: int) -> None:
    """Print what one attempt costs over a bare process, from pairs run in turn; what is made ahead has the time to be made."""
    added = []
    for _ in range(3 * times):
        time.sleep(APART_S)
        bare_s = timed(lambda: subprocess.run(["/bin/true"], check=True))
        added.append(timed(lambda: run(supervisor, ("/bin/true",), folder, ready="")) - bare_s)
    low, middle, high = (part * 1e3 for part in statistics.quantiles(added, n=4))
    print(f"\nA warden's start and stop: {middle:.0f} ms ({low:.0f} to {high:.0f}).")


def timed(action: Callable[[], object]) -> float:
    """Return the wall time of one call, in seconds."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
