"""Cells in containers: what the runner asks for; an engine is looked for when the first cell needs one."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bisectrix.containers.workshop import Workshop
from bisectrix.environments.pool import Pool
from bisectrix.errors import InfraError
from bisectrix.model.environment import BUILD, Environment, Image, Interpreter, Unavailable
from bisectrix.model.lock import Lock
from bisectrix.model.repro import Repro

if TYPE_CHECKING:
    from bisectrix.containers.session import Session
    from bisectrix.containers.supply import Supply


class Containers:
    """The engine of this machine; leaving the context removes all that was made in it."""

    def __init__(self, environ: Mapping[str, str], workshop: Workshop) -> None:
        """Prepare; nothing is asked for yet.

        Args:
            environ: variables of the caller, which say where the engine is.
            workshop: what we bring to it.
        """
        self._environ = environ
        self._workshop = workshop
        self._guard = threading.Lock()
        self._opened: Session | Unavailable | None = None
        self._images: dict[tuple[str, int], Image | Unavailable] = {}
        self._pythons: dict[str, tuple[Interpreter, ...] | Unavailable] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Remove what is left of ours."""
        self._stack.close()

    def image(self, reference: str, files: Mapping[str, bytes]) -> Image | Unavailable:
        """Return the image that a value of the axis means, the same one all along.

        Args:
            reference: of an image, or `build:` and the name of a container file.
            files: of the repro.

        Raises:
            InfraError: the engine does not answer.
        """
        with self._guard:
            session = self._session()
            if isinstance(session, Unavailable):
                return session
            built_of = hash(frozenset(files.items())) if reference.startswith(BUILD) else 0
            known = (reference, built_of)
            if known not in self._images:
                self._images[known] = session.image(reference, files)
            return self._images[known]

    def interpreters(self, image: Image) -> tuple[Interpreter, ...] | Unavailable:
        """Return the Pythons in an image, or why none of them can be used.

        Raises:
            InfraError: the engine does not answer.
        """
        with self._guard:
            if image.id not in self._pythons:
                self._pythons[image.id] = self._insist().pythons.of(image)
            return self._pythons[image.id]

    def pool(self, image: Image) -> Pool:
        """Return the environments for an image."""
        with self._guard:
            return self._insist().pool(image)

    def hold(
        self, image: Image, lock: Lock, interpreter: Interpreter, *, install_s: float
    ) -> AbstractContextManager[Environment | Unavailable]:
        """Yield an environment as `Pool.hold` does, with its paths as the image sees them."""
        with self._guard:
            session = self._insist()
        return session.hold(image, lock, interpreter, install_s=install_s)

    def supply(self, image: Image, environment: Environment, repro: Repro, orders: int) -> Supply:
        """Return what gives a container for each order of a cell."""
        with self._guard:
            session = self._insist()
        return session.supply(image, environment, repro, orders)

    def prune(self, max_bytes: int) -> int:
        """Remove environments of images that were not used for longest, as `Pool.prune` does; no engine is asked."""
        return self._workshop.prune(max_bytes)

    def _insist(self) -> Session:
        session = self._session()
        if isinstance(session, Unavailable):
            raise InfraError(session.explanation, hint=session.remedy)
        return session

    def _session(self) -> Session | Unavailable:
        if self._opened is None:
            from bisectrix.containers.engine import Engine  # noqa: PLC0415  (0.3 s that only containers cost)
            from bisectrix.containers.session import Session  # noqa: PLC0415

            engine = Engine.find(self._environ)
            if isinstance(engine, Unavailable):
                self._opened = engine
            else:
                self._stack.callback(engine.close)
                self._opened = self._stack.enter_context(Session.opened(engine, self._workshop))
        return self._opened
