"""The part of a failure that stays the same between runs: equal signatures, the same bug."""

from __future__ import annotations

from collections.abc import Sequence

from bisectrix.judge.chain import place, useful
from bisectrix.judge.normalise import normalise
from bisectrix.judge.traceback import Traceback
from bisectrix.model.attempt import Chain, Frame, Signature
from bisectrix.model.words import Outcome

LONGEST_HEAD = 300
LONGEST_MESSAGE = 2000
"""What follows is not read: it is somebody's data, and normalising it takes time."""


def place_signature(chain: Chain) -> Signature:
    """Return the signature of a hang: the place where the telling chain waits, and how it came there."""
    innermost = place(chain.frames)
    head = frame_names((innermost,))[0] if innermost else ""
    return Signature(kind=Outcome.HANG, head=head, frames=frame_names(useful(chain.frames)))


def exception_signature(kind: Outcome, traceback: Traceback) -> Signature:
    """Return the signature of an exception: class, message and the frames on the way."""
    head = f"{traceback.class_name}: {traceback.message}" if traceback.message else traceback.class_name
    return Signature(kind=kind, head=message_head(head), frames=frame_names(useful(traceback.frames)))


def message_signature(kind: Outcome, message: str) -> Signature:
    """Return the signature of a failure of which only a message is known."""
    return Signature(kind=kind, head=message_head(message), frames=())


def message_head(message: str) -> str:
    """Return the message without what differs between runs, cut to a length that a table can bear."""
    return normalise(message[:LONGEST_MESSAGE])[:LONGEST_HEAD]


def frame_names(frames: Sequence[Frame]) -> tuple[str, ...]:
    """Return `file:function` of each frame, equal neighbours once."""
    names = [f"{frame.file}:{frame.function}" for frame in frames]
    return tuple(name for name, before in zip(names, ["", *names], strict=False) if name != before)
