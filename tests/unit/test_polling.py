"""What is looked for where nothing else holds processes together: never what was there before."""

from __future__ import annotations

from bisectrix.model.attempt import Contained
from bisectrix.model.words import ContainmentKind
from bisectrix.supervise.containment.polling import Polling


def test_before_a_command_is_started_nobody_is_one_of_its_processes() -> None:
    assert Polling(Contained(kind=ContainmentKind.POLLING)).pids() == ()
