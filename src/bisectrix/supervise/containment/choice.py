"""Which containment an order gets on this machine."""

from __future__ import annotations

from bisectrix.supervise.containment.descendants import Descendants
from bisectrix.supervise.containment.gated import Gated
from bisectrix.supervise.containment.interface import Containment
from bisectrix.supervise.order import Order


def contain(order: Order) -> Containment:
    """Return that of a container where one waits for the order, else what this machine offers."""
    return Descendants(order) if order.gate is None else Gated(order, order.gate)
