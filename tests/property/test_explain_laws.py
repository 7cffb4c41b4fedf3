"""What holds for every pair of releases."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from bisectrix.explain.compare import compare
from bisectrix.explain.culprit import explain
from bisectrix.explain.difference import Change, Difference
from bisectrix.explain.text import markdown, plain_text
from bisectrix.model.attempt import Frame

names = st.sampled_from(["take", "give", "wait", "close"])
comments = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters='"\\'), max_size=9)


@st.composite
def modules(draw: st.DrawFn) -> str:
    """Draw a module of functions and classes, `{comment}` where a docstring may be and `{local}` for a variable."""
    parts = ["LIMIT = {limit}\n"]
    for name in draw(st.lists(names, min_size=1, max_size=3, unique=True)):
        indent = "    " if draw(st.booleans()) else ""
        parts += [f"class {name.title()}:\n"] if indent else []
        keyword = draw(st.sampled_from(["def", "async def"]))
        body = f'{indent}    """{{comment}}"""\n{indent}    {{local}} = 1\n{indent}    return {{local}}\n'
        parts.append(f"{indent}{keyword} {name}():\n{body}")
    return "".join(parts)


paths = st.sampled_from(["tool/a.py", "tool/b.py", "tool/c.txt", "tool/d.so", "tests/test_a.py"])
contents = st.binary(max_size=20) | st.sampled_from([b"def take(): return 1\n", b"import tool.a\n", b"x = (\n"])
releases = st.dictionaries(paths, contents, max_size=5)
stacks = st.lists(st.builds(Frame, file=paths, function=names, line=st.integers(0, 3)), max_size=4)


def with_words(module: str, comment: str = "doc", local: str = "x", limit: int = 1) -> dict[str, bytes]:
    return {"tool/a.py": module.format(comment=comment, local=local, limit=limit).encode()}


@given(releases, stacks)
def test_equal_releases_do_not_differ(files: dict[str, bytes], stack: list[Frame]) -> None:
    assert compare(files, dict(files)) == Difference()
    assert explain("t", files, files, stack).files == ()


@given(modules(), comments, comments)
def test_docstrings_comments_and_layout_are_no_change(module: str, docstring: str, comment: str) -> None:
    old, new = with_words(module), with_words(module, comment=docstring)
    assert compare(old, new) == Difference()
    (text,) = old.values()
    commented = f"# {comment}\n".encode() + text.replace(b"\n", b"  # and\n\n").replace(b" = 1", b" = (\n  1)")
    if ast.dump(ast.parse(commented)) == ast.dump(ast.parse(text)):
        assert compare(old, {"tool/a.py": commented}) == Difference()


@given(modules())
def test_renaming_a_local_variable_is_a_change_of_each_function_that_has_it(module: str) -> None:
    (file,) = compare(with_words(module), with_words(module, local="y")).files
    assert len(file.places) == module.count("def ")
    assert {place.change for place in file.places} == {Change.CHANGED}


@given(modules())
def test_a_constant_is_a_change_of_the_module_alone(module: str) -> None:
    (file,) = compare(with_words(module), with_words(module, limit=2)).files
    assert [place.name for place in file.places] == ["<module>"]


@given(releases, releases)
def test_the_way_back_swaps_added_and_removed(old: dict[str, bytes], new: dict[str, bytes]) -> None:
    there, back = compare(old, new), compare(new, old)
    assert there.paths(Change.ADDED) == back.paths(Change.REMOVED)
    assert there.paths(Change.CHANGED) == back.paths(Change.CHANGED)
    assert [(file.path, file.size) for file in there.files] == [(file.path, file.size) for file in back.files]


@given(releases, releases, stacks)
def test_ranking_keeps_every_change_and_tests_are_last(
    old: dict[str, bytes], new: dict[str, bytes], stack: list[Frame]
) -> None:
    explanation = explain("t", old, new, stack)
    found = [one.file.path for one in explanation.files]
    assert sorted(found) == [file.path for file in explanation.difference.files]
    assert "tests/test_a.py" not in found[:-1]
    nearness = [one.closeness for one in explanation.files if not one.file.path.startswith("tests/")]
    assert nearness == sorted(nearness)
    assert all(path in plain_text(explanation, 9) and path in markdown(explanation, 9) for path in found)
