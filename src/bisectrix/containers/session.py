"""One run's use of an engine: its helpers, its labels, its containers, and their removal."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from bisectrix.containers import images
from bisectrix.containers.building import BUILD_VARIABLES, InImage, venv_inside
from bisectrix.containers.engine import About, Engine, NoImageError
from bisectrix.containers.errands import Errands
from bisectrix.containers.flags import Mount, Wanted
from bisectrix.containers.images import Pythons
from bisectrix.containers.leftovers import socket_folder, sweep, sweep_folders
from bisectrix.containers.owner import OWNER, SESSION, owner
from bisectrix.containers.static_uv import StaticUv
from bisectrix.containers.supply import Supply
from bisectrix.containers.waiting import Waiting, gate_command, let_go, open_gate
from bisectrix.containers.workshop import Workshop
from bisectrix.environments.pool import Pool
from bisectrix.errors import InfraError
from bisectrix.model.environment import BUILD, Environment, Image, Interpreter, Unavailable
from bisectrix.model.lock import Lock
from bisectrix.model.repro import Limits, Repro
from bisectrix.supervise.companion import Companion

NOBODY = "65534:65534"
REMOVING_AT_ONCE = 4
REAPER = "bisectrix.containers.reaper"
BUILT = {"org.bisectrix.built": "yes"}

ERRAND_LIMITS = Limits(memory_mib=4096, processes=512)
"""Bounds of our own helpers; those of an attempt are the repro's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """An engine that answered, with what belongs to this run.

    Attributes:
        user: as whom attempts run.
        folder: for sockets.
    """

    workshop: Workshop
    engine: Engine
    about: About
    errands: Errands
    pythons: Pythons
    static_uv: StaticUv
    folder: Path
    labels: Mapping[str, str]
    user: str
    userns: str
    removing: ThreadPoolExecutor
    making: ThreadPoolExecutor

    @classmethod
    @contextmanager
    def opened(cls, engine: Engine, workshop: Workshop) -> Iterator[Session]:
        """Remove what killed harnesses have left, and see to it that the same will be done for us.

        Raises:
            InfraError: the engine does not answer, or a helper cannot be had.
        """
        about, session = engine.about(), secrets.token_hex(8)
        sweep(engine)
        sweep_folders(Path(tempfile.gettempdir()))
        labels = {OWNER: owner(), SESSION: session}
        static_uv = StaticUv(workshop.uv, workshop.machine, workshop.cache / "tools")
        helper, user, userns = users(about, os.geteuid(), os.getegid())
        errands = Errands(engine=engine, wanted=partial(_errand, user=helper, userns=userns, labels=labels))
        with ExitStack() as stack:
            socket = engine.address.removeprefix("unix://")
            folder = stack.enter_context(socket_folder())
            stack.enter_context(Companion(REAPER, socket, f"{SESSION}={session}", str(folder)))
            yield cls(
                workshop=workshop,
                engine=engine,
                about=about,
                errands=errands,
                pythons=Pythons(workshop.cache / "pythons", errands, static_uv),
                static_uv=static_uv,
                folder=folder,
                labels=labels,
                user=user,
                userns=userns,
                removing=stack.enter_context(ThreadPoolExecutor(REMOVING_AT_ONCE, thread_name_prefix="remove")),
                making=stack.enter_context(ThreadPoolExecutor(REMOVING_AT_ONCE, thread_name_prefix="container")),
            )

    def image(self, reference: str, files: Mapping[str, bytes]) -> Image | Unavailable:
        """Return the image that a value of the axis means.

        Raises:
            InfraError: the engine does not answer.
        """
        if reference.startswith(BUILD):
            return images.build(self.engine, reference.removeprefix(BUILD), files, BUILT)
        return images.resolve(self.engine, reference)

    def pool(self, image: Image) -> Pool:
        """Return the pool of environments for an image."""
        self.workshop.pool.mkdir(parents=True, exist_ok=True)
        installer = InImage(
            image=image,
            errands=self.errands,
            root=self.workshop.pool,
            wheels=self.workshop.cache / "wheels",
            static_uv=self.static_uv,
            settings=self.workshop.uv.settings,
        )
        uv, site_files = self.workshop.uv, self.workshop.site_files
        return Pool(self.workshop.pool, uv, site_files=site_files, installer=installer)

    def hold(
        self, image: Image, lock: Lock, interpreter: Interpreter, *, install_s: float
    ) -> AbstractContextManager[Environment | Unavailable]:
        """Yield an environment as `Pool.hold` does, with its paths as the image sees them."""
        return _seen_inside(self.pool(image).hold(lock, interpreter, install_s=install_s))

    def supply(self, image: Image, environment: Environment, repro: Repro, orders: int) -> Supply:
        """Return what gives a container for each order of a cell."""
        make = partial(self._open, partial(self._wanted, image, environment, repro))
        return Supply(make, self._remove, orders, self.making)

    def _wanted(self, image: Image, environment: Environment, repro: Repro, mounts: Sequence[Mount]) -> Wanted:
        venv = Mount(source=str(self.workshop.pool / environment.key / "venv"), target=venv_inside(environment.key))
        return Wanted(
            image=image.id,
            command=gate_command(str(environment.interpreter.path)),
            user=self.user,
            env={},
            mounts=(venv, *mounts),
            labels=self.labels,
            limits=repro.limits,
            network=repro.network,
            cpus=len(os.sched_getaffinity(0)),
            userns=self.userns,
        )

    def _open(self, wanted: Callable[[Sequence[Mount]], Wanted]) -> Waiting:
        try:
            return open_gate(self.engine, self.folder, wanted)
        except NoImageError as error:
            raise InfraError(
                f"the image {error} has been removed meanwhile", hint="load or pull it, and run the same command again"
            ) from None

    def _remove(self, waiting: Waiting) -> None:
        """Have a container removed, without waiting for it."""
        let_go(waiting)
        self.removing.submit(self._removed, waiting.container)

    def _removed(self, container: str) -> None:
        with suppress(InfraError):  # the companion tries again
            self.engine.remove(container)


def users(about: About, uid: int, gid: int) -> tuple[str, str, str]:
    """Return as whom our helpers run, as whom attempts run, and the user namespace, for an engine and its caller.

    Helpers write into folders of ours. Attempts are nobody where we are root; else they are ourselves, as nobody else
    could look into them, without any capability. A rootless engine has mapped its root to us.
    """
    me = f"{uid}:{gid}"
    if about.rootless and about.name == "podman":
        return me, me, "keep-id"
    if about.rootless:
        return "0:0", "0:0", ""
    return me, (NOBODY if uid == 0 else me), ""


def _errand(
    image: str, command: Sequence[str], mounts: Sequence[Mount], *, user: str, userns: str, labels: Mapping[str, str]
) -> Wanted:
    return Wanted(
        image=image,
        command=command,
        user=user,
        env=BUILD_VARIABLES,
        mounts=mounts,
        labels=labels,
        limits=ERRAND_LIMITS,
        userns=userns,
        keep_output=True,
    )


@contextmanager
def _seen_inside(
    held: AbstractContextManager[Environment | Unavailable],
) -> Iterator[Environment | Unavailable]:
    with held as environment:
        if isinstance(environment, Unavailable):
            yield environment
        else:
            root = Path(venv_inside(environment.key))
            yield replace(environment, root=root, python=root / "bin" / "python")
