"""What this machine can hold processes by: tried once, then used for every order."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from bisectrix.model.attempt import Contained
from bisectrix.model.repro import Limits
from bisectrix.model.words import ContainmentKind, LimitKind, Network
from bisectrix.supervise.containment.descendants import Descendants
from bisectrix.supervise.containment.doors import announce
from bisectrix.supervise.containment.gated import Gated
from bisectrix.supervise.containment.group import Group
from bisectrix.supervise.containment.grouped import Grouped
from bisectrix.supervise.containment.hierarchies import Hierarchies, here
from bisectrix.supervise.containment.inside import Walls, furnish, make, resize_shared_memory
from bisectrix.supervise.containment.interface import CannotStartError, Containment
from bisectrix.supervise.containment.namespaces import Namespaces
from bisectrix.supervise.containment.polling import Polling
from bisectrix.supervise.order import Order

_REACHES = {Network.NONE: "no network", Network.LOOPBACK: "a network of its own"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """Means of containment.

    Attributes:
        hierarchies: what groups can be made for; empty where they cannot.
        walls: namespaces that can be made; None where they cannot.
        refusals: why there is less than there might be, a clause each.
    """

    hierarchies: Hierarchies = field(default_factory=Hierarchies)
    walls: Walls | None = None
    refusals: tuple[str, ...] = ()

    @property
    def best(self) -> ContainmentKind:
        """The strongest kind that works here."""
        if self.hierarchies.folders:
            return ContainmentKind.CGROUP
        return ContainmentKind.SUBREAPER if self.walls is None else ContainmentKind.NAMESPACES

    def offers(self, kind: ContainmentKind) -> bool:
        """Whether a kind works here."""
        match kind:
            case ContainmentKind.CONTAINER:
                return False
            case ContainmentKind.CGROUP:
                return bool(self.hierarchies.folders)
            case ContainmentKind.NAMESPACES:
                return self.walls is not None
            case ContainmentKind.SUBREAPER | ContainmentKind.POLLING:
                return True

    def bounds(self, kind: ContainmentKind) -> frozenset[LimitKind]:
        """Return the limits that the kernel enforces under a kind of containment."""
        in_group = (
            frozenset(bound for bound, _ in self.hierarchies.bounds) if kind is ContainmentKind.CGROUP else frozenset()
        )
        own_users = (
            self.walls is not None and self.walls.users and kind in {ContainmentKind.CGROUP, ContainmentKind.NAMESPACES}
        )
        return in_group | ({LimitKind.PROCESSES} if own_users else set())

    def contain(self, kind: ContainmentKind, order: Order) -> Containment:
        """Make the containment of an order: that of a container where one waits for it, else one of this kind."""
        if order.gate is not None:
            return Gated(order, order.gate)
        return self.prepare(kind, order.network)

    def prepare(self, kind: ContainmentKind, network: Network) -> Containment:
        """Do what containing an order takes that only needs to know what it may reach."""
        how = self._how(kind, network)
        match kind:
            case ContainmentKind.CONTAINER:
                raise CannotStartError("no container waits for it")
            case ContainmentKind.CGROUP:
                behind_walls = partial(self._behind_walls, how, network)
                return Grouped(Group(here().only(self.hierarchies)), behind_walls)
            case ContainmentKind.NAMESPACES:
                return self._behind_walls(how, network, ())
            case ContainmentKind.SUBREAPER:
                return Descendants(how)
            case ContainmentKind.POLLING:
                return Polling(how)

    def _behind_walls(self, how: Contained, network: Network, doors: tuple[int, ...]) -> Containment:
        return Namespaces(how, self.walls, network, doors) if self.walls else Descendants(how, doors)

    def _how(self, kind: ContainmentKind, network: Network) -> Contained:
        walled = kind in {ContainmentKind.CGROUP, ContainmentKind.NAMESPACES} and self.walls is not None
        private = walled and self.walls is not None and self.walls.closes(network)
        unmet = () if private or network is Network.BRIDGE else (f"{_REACHES[network]}: it could reach ours",)
        return Contained(kind=kind, private_network=private, bounds=tuple(sorted(self.bounds(kind))), unmet=unmet)


def explore() -> Machine:
    """Try what this machine lets us do; forks, so no other thread may run, and takes some milliseconds."""
    hierarchies, no_groups = _explore_groups()
    walls, no_walls = _explore_walls()
    return Machine(hierarchies=hierarchies, walls=walls, refusals=tuple(filter(None, (no_groups, no_walls))))


def _explore_groups() -> tuple[Hierarchies, str]:
    wanted = here()
    if not wanted.folders:
        return wanted, "no control groups are mounted"
    parts = [Hierarchies(bounds=(bound,)) for bound in wanted.bounds]
    parts += [Hierarchies(kill=wanted.kill)] if wanted.kill else []
    refusals = [_refusal_of_groups(part) for part in parts]
    granted = [part for part, refusal in zip(parts, refusals, strict=True) if not refusal]
    found = Hierarchies(
        kill="".join(part.kill for part in granted), bounds=tuple(bound for part in granted for bound in part.bounds)
    )
    return found, next((f"no control groups: {refusal}" for refusal in refusals if refusal), "")


def _refusal_of_groups(hierarchies: Hierarchies) -> str:
    try:
        group = Group(hierarchies)
        group.bound(Limits())
        doors = group.doors()
        refusal = _refusal(partial(announce, doors))
    except OSError as error:
        return str(error)
    for door in doors:
        os.close(door)
    group.remove()
    return refusal


def _explore_walls() -> tuple[Walls | None, str]:
    users, refusal = os.geteuid() != 0, ""
    for network in (True, False):
        walls = Walls(users=users, network=network)
        if not (trouble := _refusal(partial(_stand_behind, walls))):
            return walls, refusal
        refusal = f"no namespaces{' with a network' if network else ''}: {trouble}"
    return None, refusal


def _stand_behind(walls: Walls) -> None:
    make(walls.namespaces(Network.LOOPBACK))
    if trouble := _refusal(partial(_furnish, walls)):
        raise OSError(trouble)


def _furnish(walls: Walls) -> None:
    furnish(loopback=walls.network)
    resize_shared_memory(1)


def _refusal(attempt: Callable[[], object]) -> str:
    """Let a child attempt something, and return why it could not; empty when it could."""
    answer, answer_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            attempt()
        except OSError as error:
            os.write(answer_end, str(error).encode())
        finally:
            os._exit(0)
    os.close(answer_end)
    with os.fdopen(answer, "rb") as pipe:
        refusal = pipe.read().decode()
    os.waitpid(pid, 0)
    return refusal
