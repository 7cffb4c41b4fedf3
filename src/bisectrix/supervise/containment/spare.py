"""A containment that is made before there is an order, since making one takes longer than starting a command in it."""

from __future__ import annotations

from bisectrix.model.words import ContainmentKind, Network
from bisectrix.supervise import proc
from bisectrix.supervise.containment.interface import Containment
from bisectrix.supervise.containment.machine import Machine
from bisectrix.supervise.order import Order

_GROUPS = "/proc/self/cgroup"


class Spare:
    """What holds the next order, if that is a usual one; whoever has it calls `contain` or `let_go`, once."""

    def __init__(self, machine: Machine, kind: ContainmentKind) -> None:
        """Make it; where that fails, the order that needs it will be told why."""
        self._machine = machine
        self._kind = kind
        self._groups = proc.read(_GROUPS)
        self._ready: Containment | None = None
        try:
            self._ready = machine.prepare(kind, Network.LOOPBACK)
        except OSError:
            self.let_go()

    def contain(self, order: Order) -> Containment:
        """Return it where it fits the order and is whole, else another one in its place."""
        usual = order.gate is None and order.network is Network.LOOPBACK and self._groups == proc.read(_GROUPS)
        if usual and self._ready and _has_one_alive(self._ready):
            return self._ready
        self.let_go()
        return self._machine.contain(self._kind, order)

    def let_go(self) -> None:
        """Leave nothing of it."""
        if self._ready:
            self._ready.end()
        self._ready = None


def _has_one_alive(waiting: Containment) -> bool:
    """Whether its recruit is there: none came to be where there was no room for processes then, or it was killed."""
    return any(map(proc.lives, waiting.pids()))
