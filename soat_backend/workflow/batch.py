"""Many runs of one workflow, whose files have names that the run decides: none is made twice, none is there twice."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from ..support.errors import WorkflowError
from ..support.files import confined_path, replacing
from .graph import Graph, Link
from .node_types import NodeCatalog
from .seeds import with_seed

_NUMBER = re.compile(r"_(\d{5,}_\.[^.]*)$")
_LEDGER = ".soat_runs"
PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


@dataclass(frozen=True)
class Job:
    """One run of a workflow.

    Attributes:
        name: Of letters, digits, `.`, `-` and `_`; part of the names of its files.
        graph: What to run.
        stamp: Of the content of a file that the graph only names.
    """

    name: str
    graph: Graph
    stamp: str = ""

    @property
    def digest(self) -> str:
        """Of what decides what the run makes; the models' content is taken to be what it was."""
        told = json.dumps([self.graph.to_prompt(), self.stamp], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


class Jobs(Sequence[Job]):
    """Jobs of a batch, each made when it is asked for: a million seeds are no million graphs.

    Args:
        count: How many.
        make: Makes the one of a number.
    """

    def __init__(self, count: int, make: Callable[[int], Job]) -> None:
        self._numbers, self._make = range(count), make

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Job: ...

    @overload
    def __getitem__(self, index: slice) -> list[Job]: ...

    def __getitem__(self, index: int | slice) -> Job | list[Job]:
        numbers = self._numbers[index]
        return self._make(numbers) if isinstance(numbers, int) else [self._make(number) for number in numbers]


def seed_jobs(graph: Graph, seeds: range, catalog: NodeCatalog) -> Jobs:
    """A job for each seed."""
    digits = len(str(seeds[-1]))

    def make(number: int) -> Job:
        return Job(f"seed{seeds[number]:0{digits}d}", with_seed(graph, seeds[number], catalog))

    return Jobs(len(seeds), make)


def picture_jobs(graph: Graph, folder: Path) -> Jobs:
    """A job for each picture of a folder, as what the workflow's LoadImage loads.

    Raises:
        WorkflowError: The workflow has no LoadImage, or several, or the folder has no pictures.
    """
    loaders = [node for node in graph.nodes.values() if node.class_type == "LoadImage"]
    if len(loaders) != 1:
        raise WorkflowError(
            f"--pictures gives pictures to the workflow's LoadImage, and it has {len(loaders)} of them. Build it with "
            "one, where the pictures are to go."
        )
    names = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in PICTURE_ENDINGS and path.is_file())
    if not names:
        raise WorkflowError(f"--pictures {folder}: there are no pictures ({', '.join(PICTURE_ENDINGS)}).")
    loader = loaders[0]
    if isinstance(loader.inputs.get("image"), Link):
        raise WorkflowError(f"{loader.describe()}: its image comes over a wire, so --pictures can't choose it.")

    def make(number: int) -> Job:
        name = names[number]
        content = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        return Job(_as_name(name), graph.with_values({(loader.id, "image"): name}), content)

    return Jobs(len(names), make)


def _as_name(file_name: str) -> str:
    """A part of files' names, another one for every file: where letters have to go, a digest says which they were."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", file_name)
    return plain if plain == file_name else f"{plain}-{hashlib.sha256(file_name.encode()).hexdigest()[:8]}"


class Ledger:
    """Which jobs are done, in a hidden folder of the output folder, with their files."""

    def __init__(self, output: Path) -> None:
        self._output = output

    def is_done(self, job: Job) -> bool:
        """Whether a job's files are all there, from this graph."""
        try:
            kept = json.loads(self._path(job).read_text(encoding="utf-8"))
            return bool(kept["digest"] == job.digest) and all((self._output / name).is_file() for name in kept["files"])
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def keep(self, job: Job, files: Mapping[str, bytes]) -> list[Path]:
        """Write a job's files under its names, each whole or not at all, and note that it is done.

        Args:
            job: What made them.
            files: By path inside an output folder that was the job's own, so that its numbers begin with 1.

        Returns:
            Where they are now.
        """
        paths = []
        for name, data in files.items():
            path = confined_path(self._output, named_after(name, job.name))
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as partial:
                partial.write_bytes(data)
            paths.append(path)
        note = self._path(job)
        note.parent.mkdir(parents=True, exist_ok=True)
        with replacing(note) as partial:
            relative = [path.relative_to(self._output).as_posix() for path in paths]
            partial.write_text(json.dumps({"digest": job.digest, "files": relative}), encoding="utf-8")
        return paths

    def _path(self, job: Job) -> Path:
        return self._output / _LEDGER / f"{job.name}-{job.digest}.json"


def named_after(file_name: str, job_name: str) -> str:
    """`soat/picture_00001_.png` of the job seed07: `soat/picture_seed07_00001_.png`."""
    if _NUMBER.search(file_name):
        return _NUMBER.sub(rf"_{job_name}_\1", file_name)
    path = Path(file_name)
    return path.with_name(f"{path.stem}_{job_name}{path.suffix}").as_posix()
