"""An order survives the way to the warden."""

from __future__ import annotations

from pathlib import Path

import pytest

from bisectrix.model.repro import Limits
from bisectrix.supervise.order import Order


@pytest.mark.parametrize("events", [None, Path("/scratch/events.jsonl")])
def test_an_order_is_the_same_after_its_journey(events: Path | None) -> None:
    order = Order(
        argv=("python", "-c", "a\nb"),
        env=(("NOT_UTF8", b"\xff".decode(errors="surrogateescape")),),
        cwd=Path("/work"),
        scratch=Path("/scratch"),
        evidence_dir=Path("/scratch/evidence"),
        limits=Limits(deadline_s=1.5),
        ready="ready",
        events=events,
        tests=events is not None,
    )
    assert "\n" not in order.to_json()
    assert Order.from_json(order.to_json()) == order
