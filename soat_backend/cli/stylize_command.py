"""`soat stylize`: generators that paint in the manner of pictures, one for each picture or one for a few of them."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image, ImageOps

from .. import checkpoints, perceptual, stylizing
from ..generators import Generator
from ..generators.fingerprint import weights_digest
from ..support.errors import CheckpointError, SoatError
from ..support.files import PICTURE_EXTENSIONS, PICTURE_TROUBLE, read_frames, replacing
from ..support.terminal import TerminalBar, printable
from ..training.machine import choose_device
from .convert_command import SUFFIX
from .inspect_command import checkpoint_file
from .pack import NodePack

if TYPE_CHECKING:
    from ..stylizing import StylizeSettings

DESCRIPTION = (
    "Make generators that paint in the manner of pictures, in a minute or a few each. --out FOLDER: one for "
    "each picture, named after it; those that are there, of the same picture and settings, aren't made again, so the "
    "same command goes on after Ctrl-C. --out NAME.safetensors: one for all of them, at most eight. Beside each file a "
    ".jpg shows the picture, what the first generator makes of it, and what the new one does."
)
# In a file's provenance: a digest of what it was made of.
_MADE_OF = "made_of"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    usual = stylizing.StylizeSettings()
    parser.description = DESCRIPTION
    parser.add_argument("pictures", nargs="+", type=Path, help="pictures, and folders of them")
    parser.add_argument(
        "--from", dest="file", required=True, help="a checkpoint file, or the name of a model such as demo/NAME"
    )
    parser.add_argument("--out", required=True, type=Path, help=f"a folder, or a name that ends in {SUFFIX}")
    parser.add_argument("--strength", type=float, default=usual.strength, help="0: the first generator; 1: all the way")
    parser.add_argument("--preserve-colour", action="store_true", help="keep the generator's colours")
    parser.add_argument("--steps", type=int, default=usual.steps)
    parser.add_argument("--inversion-steps", type=int, default=usual.inversion_steps, help="to find a picture's code")
    parser.add_argument("--learning-rate", type=float, default=usual.learning_rate)
    parser.add_argument(
        "--mixed-from", type=float, default=usual.mixed_from, help="layers of this part of the resolution paint manner"
    )
    parser.add_argument(
        "--style-weight", type=float, default=usual.style_weight, help="of the manner of random pictures"
    )
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--no-align", action="store_true", help="don't bring faces to where the generator has them")
    parser.add_argument("--device", default="auto", help="cpu, cuda, cuda:1, ... (default: cuda if there is any)")
    parser.add_argument("--models", metavar="DIR", help="where checkpoints are (SOAT_MODELS, else ./models)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


@dataclass(frozen=True)
class _Wanted:
    """A generator to make: its file, and the pictures whose manner it gets."""

    out: Path
    pictures: Sequence[Path]


def run(args: argparse.Namespace, pack: NodePack) -> None:
    """Make what isn't there yet, and print each file with its report.

    Raises:
        SoatError: There is no such generator, a picture can't be read or is of one colour, or one file was to hold the
            manner of too many. What fails in a folder leaves the rest to be made, and is said at the end.
    """
    settings = stylizing.StylizeSettings(**{name: getattr(args, name) for name in asdict(stylizing.StylizeSettings())})
    wanted = _wanted(args)
    device = choose_device(args.device)
    generator = checkpoints.load_generator(checkpoint_file(args, pack)).to(device)
    judge = perceptual.load_alexnet().to(device)
    origin = weights_digest(generator)
    bar = None if args.quiet else TerminalBar()
    failures: list[str] = []
    for number, each in enumerate(wanted):
        try:
            made_of = _made_of(origin, each.pictures, settings, not args.no_align)
            if _is_made(each.out, made_of):
                continue
            label = f"{each.out.stem} ({number + 1}/{len(wanted)})"
            report = _make(generator, judge, each, settings, not args.no_align, made_of, bar, label)
        except SoatError as error:
            if len(wanted) == 1:
                raise
            failures.append(f"  {each.out.stem}: {error}")
            continue
        print(f"{each.out}\n{printable(report)}", flush=True)
    if failures:
        reasons = "\n".join(failures)
        raise SoatError(f"{len(failures)} of {len(wanted)} failed; the others are there:\n{reasons}")


def _make(
    generator: Generator,
    judge: perceptual.FeatureNetwork,
    wanted: _Wanted,
    settings: StylizeSettings,
    align: bool,
    made_of: str,
    bar: TerminalBar | None,
    label: str,
) -> str:
    """Find one, write it and its picture, and say how it went."""

    def watch(done: int, total: int, _: object, distance: float) -> None:
        if bar:
            bar.update(f"{label} {distance:.3f} away", done, total)

    try:
        given = [_read(path) for path in wanted.pictures]
        fitted, aligned = stylizing.fit_style_pictures(generator, given, align)
        found = stylizing.stylize(generator, fitted, judge, settings, watch)
    finally:
        if bar:
            bar.clear()
    provenance = {**checkpoints.provenance_to_save(found.generator), _MADE_OF: made_of}
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    with replacing(wanted.out.with_suffix(".jpg")) as partial:
        rows = torch.cat(found.pictures.clamp(-1.0, 1.0).split(1), dim=2)[0]
        pixels = ((rows + 1.0) * 127.5).round().byte().permute(1, 2, 0).numpy()
        Image.fromarray(np.ascontiguousarray(pixels)).save(partial, "JPEG", quality=92)
    # In the type it was loaded in: what the manner leaves alone stays what it was, bit for bit.
    checkpoints.save_generator(
        found.generator, wanted.out, provenance=provenance, dtype=next(generator.parameters()).dtype
    )
    return found.report + (f"; {sum(aligned)} of {len(aligned)} aligned by their faces" if any(aligned) else "")


def _wanted(args: argparse.Namespace) -> list[_Wanted]:
    """What the arguments ask for.

    Raises:
        SoatError: A picture isn't there, or two of them would give files of one name.
    """
    pictures: list[Path] = []
    for given in (path.expanduser() for path in args.pictures):
        if given.is_dir():
            inside = sorted(path for path in given.iterdir() if path.suffix.lower() in PICTURE_EXTENSIONS)
            if not inside:
                raise SoatError(f"{given}: there are no pictures in this folder ({', '.join(PICTURE_EXTENSIONS)}).")
            pictures += inside
        elif given.is_file():
            pictures.append(given)
        else:
            raise SoatError(f"{given}: there is no such picture or folder. Check the path.")
    out: Path = args.out.expanduser()
    if out.suffix.lower() == SUFFIX:
        return [_Wanted(out, pictures)]
    named: dict[str, Path] = {}
    for picture in pictures:
        # `a.png` and `A.jpg` are one file where names have no case, as on Windows.
        name = picture.stem.lower()
        if name in named:
            raise SoatError(
                f"{named[name]} and {picture} would both give {picture.stem}{SUFFIX}. Rename one of them, or give "
                f"--out a name that ends in {SUFFIX} for one generator of both."
            )
        named[name] = picture
    return [_Wanted(out / f"{picture.stem}{SUFFIX}", [picture]) for picture in pictures]


def _made_of(origin: str, pictures: Sequence[Path], settings: StylizeSettings, align: bool) -> str:
    """A digest of all that decides what comes out."""
    contents = [hashlib.sha256(path.read_bytes()).hexdigest() for path in pictures]
    told: list[Any] = [origin, contents, asdict(settings), align]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _is_made(out: Path, made_of: str) -> bool:
    """Whether a file is there, and made of just this."""
    try:
        return out.is_file() and checkpoints.load_generator(out).provenance.get(_MADE_OF) == made_of
    except CheckpointError as error:
        print(f"{out} is made anew: {printable(str(error))}", file=sys.stderr)
        return False


def _read(path: Path) -> torch.Tensor:
    """A picture as `[1, 3, H, W]` float32 in 0..1."""
    try:
        frame = read_frames(path, lambda frame: np.asarray(ImageOps.exif_transpose(frame).convert("RGB")))[0]
    except PICTURE_TROUBLE as error:
        raise SoatError(f"{path} can't be read as a picture: {error}. Save it again as PNG or JPEG.") from error
    return torch.from_numpy(frame.copy()).permute(2, 0, 1)[None].float() / 255.0
