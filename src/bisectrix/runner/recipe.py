"""What a run is made of and what it runs on, written down so that it can be seen again."""

from __future__ import annotations

import os
import platform

from bisectrix import __version__
from bisectrix.environments.variables import constant_variables
from bisectrix.matrix.request import Invocation
from bisectrix.model.environment import Image, Interpreter
from bisectrix.model.recipe import Machine, Recipe
from bisectrix.runner.planning import Subject
from bisectrix.runner.tools import Tools


def recipe_of(tools: Tools, subject: Subject, call: Invocation) -> Recipe:
    """Return what it takes to run a cell again, and keep the files of its repro.

    Raises:
        InfraError: the disk is full.
    """
    redact = tools.settings.redactor
    return Recipe(
        files=tuple((name, tools.kept.keep(content)) for name, content in sorted(subject.files.items())),
        args=call.args,
        variables=tuple((name, redact(value)) for name, value in constant_variables(call.env)),
    )


def machine_of(interpreter: Interpreter, image: Image | None = None) -> Machine:
    """Return what an attempt runs on that starts now."""
    return Machine(
        kernel=f"{platform.system()} {platform.release()}",
        cpus=len(os.sched_getaffinity(0)),
        busy=round(os.getloadavg()[0], 2),
        libc=interpreter.libc,
        build=interpreter.build,
        abi=interpreter.abi,
        tool=__version__,
        image=image.id if image else "",
    )
