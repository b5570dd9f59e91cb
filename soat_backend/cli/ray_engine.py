"""`soat run --engine ray`: a batch spread over the workers of a Ray cluster.

Ray is an optional extra. Each worker is a process that keeps what the runs have in common, so it loads each generator
once. It sends a run's files back, and the driver alone writes them: a cluster needs no common disk but for models and
input pictures, and a worker that dies costs the run it was at, which another one does again.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from ..support.errors import SoatError
from ..workflow import Cache, execute
from ..workflow.batch import Job, Ledger
from .pack import NodePack

# A run that takes its worker with it so many times is given up.
_MOST_ATTEMPTS = 3

# Called with (job's name, files written or None if they were there, texts of output nodes) for each job that is done.
OnDone = Callable[[str, "list[Path] | None", list[str]], None]


@dataclass(frozen=True)
class Cluster:
    """Where to work.

    Attributes:
        address: Of a running cluster, `HOST:PORT` or `ray://HOST:PORT`; None: a local one, only for this batch.
        workers: Processes; None: one for each CPU.
    """

    address: str | None = None
    workers: int | None = None


def run_jobs(jobs: Iterable[Job], pack: NodePack, cluster: Cluster, on_done: OnDone) -> dict[str, str]:
    """Run all jobs that aren't done yet.

    Args:
        jobs: Of different names.
        pack: The nodes; importable on the workers, with the same models and input folders.
        cluster: Where.
        on_done: Told of each.

    Returns:
        Why jobs failed, by name. The others are done.

    Raises:
        SoatError: Ray isn't there, or the cluster can't be reached.
    """
    ledger = Ledger(pack.host.folder("output"))

    def undone() -> Iterator[Job]:
        for job in jobs:
            if ledger.is_done(job):
                on_done(job.name, None, [])
            else:
                yield job

    todo = undone()
    first = next(todo, None)
    if first is None:
        return {}
    ray = _start(cluster)
    try:
        return _Batch(ray, pack, cluster, ledger, on_done).run(chain([first], todo))
    finally:
        ray.shutdown()


def _start(cluster: Cluster) -> Any:
    try:
        import ray
    except ImportError as error:
        raise SoatError("--engine ray needs Ray, which isn't installed. Install it with `pip install ray`.") from error
    # A local cluster's workers find the pack where this process did.
    environment = {"env_vars": {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}}
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if cluster.address is None:
        options |= {"address": "local", "include_dashboard": False, "runtime_env": environment}
        if cluster.workers:
            options["num_cpus"] = cluster.workers
    else:
        options["address"] = cluster.address
    try:
        ray.init(**options)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise SoatError(
            f"The Ray cluster {cluster.address or 'of this machine'} can't be reached: {error}. Check --address, and "
            "that the same version of Ray runs there."
        ) from error
    return ray


class _Batch:
    """The driver's side: who is at what."""

    def __init__(self, ray: Any, pack: NodePack, cluster: Cluster, ledger: Ledger, on_done: OnDone) -> None:
        self._ray, self._pack, self._ledger, self._on_done = ray, pack, ledger, on_done
        self._count = cluster.workers or max(int(ray.cluster_resources().get("CPU", 1)), 1)
        self._failures: dict[str, str] = {}
        self._attempts: Counter[str] = Counter()

    def run(self, jobs: Iterator[Job]) -> dict[str, str]:
        """Hand jobs out until none is left; reasons of those that failed, by name."""
        again: deque[Job] = deque()
        idle = [self._hire() for _ in range(self._count)]
        running: dict[Any, tuple[Job, Any]] = {}
        while True:
            while idle and (job := again.popleft() if again else next(jobs, None)):
                worker = idle.pop()
                running[worker.run.remote(job.graph)] = (job, worker)
            if not running:
                return self._failures
            ready, _ = self._ray.wait(list(running), num_returns=1)
            for task in ready:
                job, worker = running.pop(task)
                try:
                    files, texts, failure = self._ray.get(task)
                except self._ray.exceptions.RayError as error:
                    idle.append(self._hire())
                    self._attempts[job.name] += 1
                    if self._attempts[job.name] < _MOST_ATTEMPTS:
                        again.append(job)
                    else:
                        self._failures[job.name] = f"its worker was lost {_MOST_ATTEMPTS} times: {error}"
                    continue
                idle.append(worker)
                if failure:
                    self._failures[job.name] = failure
                else:
                    self._on_done(job.name, self._ledger.keep(job, files), texts)

    def _hire(self) -> Any:
        folders = {kind: str(self._pack.host.folder(kind)) for kind in ("models", "input")}
        return self._ray.remote(num_cpus=1, max_restarts=0)(Worker).remote(self._pack, folders)


class Worker:
    """A process of the cluster."""

    def __init__(self, pack: NodePack, folders: dict[str, str]) -> None:
        self._pack, self._cache = pack, Cache()
        pack.host.set_folders(**{kind: path for kind, path in folders.items() if Path(path).is_dir()})

    def run(self, graph: Any) -> tuple[dict[str, bytes], list[str], str]:
        """Run a graph: its files by path, its texts, and why it failed or an empty text."""
        with tempfile.TemporaryDirectory(prefix="soat") as folder:
            self._pack.host.set_folders(output=folder)
            try:
                report = execute(graph, self._pack.classes, self._cache, rerun_outputs=True)
            except SoatError as error:
                return {}, [], str(error)
            base, files = self._pack.host.folder("output"), {}
            for entry in report.files:
                if entry.get("type", "output") == "output":
                    path = base / entry.get("subfolder", "") / entry["filename"]
                    files[path.relative_to(base).as_posix()] = path.read_bytes()
            texts = [text for ui in report.ui.values() for text in ui.get("text", ())]
            return files, texts, ""
