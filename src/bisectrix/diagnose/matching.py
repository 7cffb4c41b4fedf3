"""Which rules hold for what is diagnosed, and the lines that show it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bisectrix.diagnose.material import Line, Material, Stack
from bisectrix.diagnose.rule import Condition, HasException, HasLine, HasStack, HasState, Rule, Weight

MOST_LINES = 5
"""Of one condition in one material; a log may say the same thing a thousand times."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A rule that holds, and what shows it, in the order of the conditions."""

    rule: Rule
    name: str
    seen: tuple[Line, ...]


def diagnose(rules: Iterable[Rule], material: Material) -> tuple[Match, ...]:
    """Return the rules that hold: certain ones first, then possible ones, then warnings; as in the files otherwise."""
    found = [match for rule in rules if (match := _match(rule, material))]
    silent = {id_ for match in found for id_ in match.rule.instead_of}
    weights = list(Weight)
    kept = (match for match in found if match.rule.id not in silent)
    return tuple(sorted(kept, key=lambda match: weights.index(match.rule.weight)))


def is_known(matches: Iterable[Match]) -> bool:
    """Say whether anything but warnings was found: a warning is no verdict by itself."""
    return any(match.rule.weight is not Weight.WARNING for match in matches)


def _match(rule: Rule, material: Material) -> Match | None:
    signature = rule.signature
    needed = [_seen(condition, material) for condition in signature.all_of]
    either = [_seen(condition, material) for condition in signature.any_of]
    if not all(needed) or (either and not any(either)):
        return None
    if any(_seen(condition, material) for condition in signature.none_of):
        return None
    seen = dict.fromkeys(line for lines in (*needed, *either) for line in lines)
    return Match(rule=rule, name=material.name, seen=tuple(seen))


def _seen(condition: Condition, material: Material) -> Sequence[Line]:
    return [line for line, _ in zip(_lines(condition, material), range(MOST_LINES), strict=False)]


def _lines(condition: Condition, material: Material) -> Iterator[Line]:
    match condition:
        case HasLine(pattern=pattern):
            found = _compiled(pattern)
            yield from (line for line in material.lines if found.search(line.text))
        case HasException(type=type_, message=message):
            for error in material.errors:
                if _compiled(type_).fullmatch(error.type) and _compiled(message).search(error.message):
                    yield error.line
        case HasStack(frames=frames):
            yield from (line for stack in material.stacks for line in _along(frames, stack))
        case HasState(pattern=pattern):
            if material.state and _compiled(pattern).search(material.state):
                yield Line(place=material.name, text=material.state)


def _along(patterns: Sequence[str], stack: Stack) -> Sequence[Line]:
    """Return the lines of the frames that fit the patterns in order; none unless all do."""
    seen: list[Line] = []
    frames = iter(stack.frames)
    for pattern in patterns:
        line = next((line for name, line in frames if _compiled(pattern).search(name)), None)
        if line is None:
            return ()
        seen.append(line)
    return seen


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
