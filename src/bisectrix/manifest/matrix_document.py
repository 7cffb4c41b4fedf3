"""What a person writes about a matrix: a file in `matrices/`."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from bisectrix.manifest.document import Document
from bisectrix.manifest.expect import Distinct
from bisectrix.manifest.values import (
    Argument,
    Count,
    Instant,
    Instants,
    Label,
    Line,
    PackageName,
    PackageValues,
    PythonValues,
    Requirement,
    Set,
    Strategies,
    Text,
    Texts,
    VariableName,
)
from bisectrix.model.words import MatrixSet


class VariantTable(Document):
    """What one value of a variant axis adds to the repro."""

    model_config = ConfigDict(title="variant")

    args: list[Argument] = Field(default_factory=list)
    """Arguments after those of the repro's command, or of pytest."""
    env: dict[VariableName, Argument] = Field(default_factory=dict)
    """Environment variables, over those of the repro."""
    requirements: Annotated[list[Requirement], Distinct()] = Field(default_factory=list)
    """Direct dependencies beside those of the repro."""


class AxesTable(Document):
    """The axes; a name that is not one of these is a package: a list of versions, or a range for every release in it."""

    model_config = ConfigDict(title="axes", extra="allow", json_schema_extra={"minProperties": 1})
    __pydantic_extra__: dict[str, PackageValues]

    python: PythonValues = Field(default_factory=list)
    """Minor versions of Python as a list, a range for every Python found in it, or `current` for the harness's own."""
    resolution: Strategies = Field(default_factory=list)
    """Which versions the resolver prefers where there is a choice."""
    cutoff: Instants = Field(default_factory=list)
    """Instants in UTC after which uploads to the index do not exist."""
    platform: Texts = Field(default_factory=list)
    """Where cells run: `host`, a container image such as `python:3.12-slim`, or `build:` and the name of a container
    file in the repro's folder."""
    image: Texts = Field(default_factory=list)
    """The same as `platform` by another name, for a matrix of images alone."""
    env: dict[VariableName, Texts] = Field(default_factory=dict)
    """One axis for each environment variable, with its values."""
    variant: dict[Label, Annotated[dict[Label, VariantTable], Field(min_length=1)]] = Field(default_factory=dict)
    """One axis for each name, with a table of arguments, variables and requirements for each value."""


class ExclusionTable(Document):
    """Cells that are not run, and why."""

    model_config = ConfigDict(title="exclude")

    where: Annotated[dict[str, Text], Field(min_length=1)]
    """Axis to value, pattern (`4.*`) or range (`<5`); a cell is excluded when all of them match."""
    reason: Line
    """Why these cells are not run; it stands in the findings."""


class MatrixDocument(Document):
    """A whole matrix file: axes whose product, less exclusions, are the cells."""

    model_config = ConfigDict(title="bisectrix matrix")

    title: Line = ""
    """The matrix in one line. Without it, its name."""
    set: Set = MatrixSet.QUICK
    """quick: run by `nox -s matrix` where no matrix is named. full: run when asked for."""
    attempts: Count = 0
    """How often each cell is run. Without it, as often as the repro says."""
    cutoff: Instant = ""
    """The instant in UTC after which uploads to the index do not exist, for every cell. Without it, now."""
    cutoff_exempt: Annotated[list[PackageName], Distinct()] = Field(default_factory=list)
    """Packages that the cutoff does not bind."""
    constraints: Annotated[list[Requirement], Distinct()] = Field(default_factory=list)
    """Bounds on any package, direct or not, for every cell, as pip writes them."""
    axes: AxesTable
    """The axes; the cells are their product."""
    include: list[dict[str, Text]] = Field(default_factory=list)
    """Additional cells: axis to value."""
    exclude: list[ExclusionTable] = Field(default_factory=list)
    """Cells that are not run, with the reason."""
