"""Write the published JSON schemas anew from what the manifests' documents say."""

from __future__ import annotations

from pathlib import Path

from bisectrix.manifest.schema import matrix_schema, repro_schema, schema_text

FOLDER = Path(__file__).parents[1] / "src" / "bisectrix" / "manifest" / "schemas"


def main() -> None:
    """Overwrite the committed schemas; a test compares them with the documents."""
    for name, schema in (("repro", repro_schema()), ("matrix", matrix_schema())):
        (FOLDER / f"{name}.json").write_text(schema_text(schema), encoding="utf-8")


if __name__ == "__main__":
    main()
