"""The page of all rules, written from the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bisectrix.diagnose.rule import Rule, Weight

WEIGHTS = {
    Weight.CERTAIN: "certain: where it is seen, it happened",
    Weight.POSSIBLE: "possible: it fits, and so do other things; confirm it",
    Weight.WARNING: "a warning: it never explains a failure by itself",
}


def rules_section(rules: Sequence[Rule]) -> str:
    """Return Markdown with a list of the rules and one section a rule."""
    return "\n".join(line for part in (_list(rules), *map(_section, rules)) for line in part)


def _list(rules: Sequence[Rule]) -> Iterator[str]:
    yield "| rule | what it is | weight |"
    yield "|---|---|---|"
    yield from (f"| [{rule.id}](#{rule.id}) | {rule.title} | {rule.weight} |" for rule in rules)
    yield ""


def _section(rule: Rule) -> Iterator[str]:
    yield from (
        f"## {rule.id}",
        "",
        f"**{rule.title}.** {_one_line(rule.means)}",
        "",
        f"Weight: {WEIGHTS[rule.weight]}.",
        "",
    )
    if rule.versions:
        yield from (f"Releases: {_one_line(rule.versions)}", "")
    if rule.differs:
        yield from ("Not to be taken for:", "")
        yield from (f"- **{one.look_alike}**: {_one_line(one.by)}" for one in rule.differs)
        yield ""
    yield from ("Likely causes, the likeliest first:", "")
    yield from (f"{number}. {_one_line(cause)}" for number, cause in enumerate(rule.causes, 1))
    yield from ("", "To confirm:", "", "```text", *rule.confirm, "```", "", "What to do:", "")
    yield from (f"- {_one_line(remedy)}" for remedy in rule.remedies)
    yield ""
    if rule.links:
        yield from (*(f"- <{link}>" for link in rule.links), "")


def _one_line(text: str) -> str:
    return " ".join(text.split())
