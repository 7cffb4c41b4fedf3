"""What was seen, held against what the capsule says was seen before; decides, touches nothing."""

from __future__ import annotations

import re
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from bisectrix.capsule.watch import Seen

LONGEST = 6
SHOWN = 5
FRAME = re.compile(r'\s+File "(?P<file>.*)", line \d+, in (?P<function>.*)')


class Verdict:
    """Whether it is the same, and one sentence."""

    def __init__(self, sentence: str, *, same: bool) -> None:
        """Keep both."""
        self.same, self.sentence = same, sentence


def same(sentence: str) -> Verdict:
    """It is as recorded."""
    return Verdict(sentence, same=True)


def differs(sentence: str) -> Verdict:
    """It is not."""
    return Verdict(sentence, same=False)


def judge(seen: Seen, looks: Sequence[dict[str, Any]], pattern: str) -> Verdict:
    """Compare with each recorded look, `outcome`, `head` and `frames`; the first that fits decides.

    Args:
        seen: what happened now.
        looks: what was recorded, the most telling first.
        pattern: of the declared bug, which may show in the output of a program that ends well; empty if none.
    """
    verdicts = [_against(seen, look, pattern) for look in looks]
    return next((verdict for verdict in verdicts if verdict.same), verdicts[0])


def _against(seen: Seen, look: dict[str, Any], pattern: str) -> Verdict:
    recorded, found = look["outcome"], outcome(seen)
    if recorded == "hang":
        return _hang(seen, look["frames"])
    if pattern and recorded != "pass" and re.search(pattern, seen.output):
        return same(f"{recorded} reproduced: the output has what the bug declares")
    if recorded != found:
        return differs(f"not reproduced: {_told(seen)}, recorded {recorded} {look['head']}".rstrip())
    if recorded == "crash":
        return _crash(seen, look["head"])
    if recorded == "fail":
        return _failure(seen, look)
    return same("it passes, as recorded" if recorded == "pass" else f"{recorded} reproduced")


def outcome(seen: Seen) -> str:
    """Return the word for how it ended."""
    if seen.ending == "exited":
        return "fail" if seen.code else "pass"
    return {"blocked": "hang", "overran": "timeout", "signalled": "crash"}[seen.ending]


def _hang(seen: Seen, frames: list[str]) -> Verdict:
    if seen.ending not in {"blocked", "overran"}:
        return differs(f"not reproduced: {_told(seen)}, recorded a hang at {way(frames)}")
    if any(stands_in(frames, chain) for chain in seen.chains) or (seen.ending == "blocked" and not frames):
        late = "" if seen.ending == "blocked" else ", at the deadline"
        return same(f"hang reproduced{late}: {way(frames)}")
    waits = f"waits at {way(seen.chains[0])}" if seen.chains else "does not tell where it waits"
    return differs(
        f"it {'hangs elsewhere' if seen.ending == 'blocked' else 'is late'}: {waits}, recorded {way(frames)}"
    )


def _crash(seen: Seen, head: str) -> Verdict:
    name = signal.Signals(-seen.code).name
    if name in head or not head.startswith("SIG"):
        return same(f"crash reproduced: {name}")
    return differs(f"another crash: {name}, recorded {head}")


def _failure(seen: Seen, look: dict[str, Any]) -> Verdict:
    """An exception is the same when its class is, and the frames of the record stand in its traceback."""
    kind = look["head"].partition(":")[0]
    raised = [line.strip() for line in seen.output.splitlines() if line.strip().partition(":")[0].endswith(kind)]
    places = [f"{match['file']}:{match['function']}" for match in map(FRAME.match, seen.output.splitlines()) if match]
    reached = all(any(place.endswith(frame) for place in places) for frame in look["frames"])
    if kind.startswith("exit ") or (raised and reached):
        return same(f"{look['outcome']} reproduced: {raised[-1] if raised else kind}")
    return differs(f"it fails otherwise: {_told(seen)}, recorded {look['head']}")


def stands_in(frames: Sequence[str], chain: Sequence[str]) -> bool:
    """Say whether the frames stand in a chain in this order, others between them."""
    rest = iter(chain)
    return bool(frames) and all(frame in rest for frame in frames)


def way(frames: Sequence[str]) -> str:
    """`main -> get -> ... -> wait_for_connection`."""
    names = [frame.rpartition(":")[2] for frame in frames]
    if len(names) > LONGEST:
        names = [*names[:2], "...", *names[-3:]]
    return " -> ".join(names) or "an unknown place"


def _told(seen: Seen) -> str:
    said = [line for line in seen.output.splitlines() if line.strip()][-1:]
    last = f" ({said[0].strip()[:200]})" if said and seen.code else ""
    return {
        "exited": f"it ended with exit code {seen.code}{last}",
        "signalled": f"signal {-seen.code} ended it",
        "blocked": f"it hangs at {way(seen.chains[0]) if seen.chains else 'an unknown place'}",
        "overran": "its time was up while it moved",
    }[seen.ending]
