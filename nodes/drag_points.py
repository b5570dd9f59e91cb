"""The node DragPoints: moves points of a picture to where they are wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import torch
from PIL import Image

from ..soat_backend import dragging
from ..soat_backend.generators import Generator
from ..soat_backend.geometry.points import Drag, read_points, write_points
from ..soat_backend.latents import Latent
from ..soat_backend.optimise import StopSearch
from . import host, inputs

# How often each node's search was stopped, by its id.
_times_stopped: Counter[str | None] = Counter()


class DragPoints:
    """Codes whose pictures have what is at some points where it is wanted."""

    DISPLAY_NAME = "Drag Points"
    CATEGORY = f"{inputs.CATEGORY}/edit"
    EXPERIMENTAL = True
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "DragGAN", "FreeDrag", "drag handle", "point dragging", "move pose", "warp")
    DESCRIPTION = (
        "Drags points of a picture to where they are wanted: the code changes so that what is there comes along, a "
        "mountain up, a head round (DragGAN, FreeDrag). Interrupting it keeps the nearest so far."
    )
    FUNCTION = "drag"
    RETURN_TYPES = ("SOAT_LATENT", "IMAGE", "SOAT_LATENT", "STRING", "STRING")
    RETURN_NAMES = ("latent", "image", "path", "report", "points")
    HAS_INTERMEDIATE_OUTPUT = True
    OUTPUT_TOOLTIPS = (
        "The codes after the drag.",
        "What the generator makes of them.",
        "The codes of the way there, for Latent Walk or to be rendered as a film.",
        "How near each point came, steps, time.",
        "The points as JSON, each with the place that it reached.",
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        ranges = dragging.settings
        usual = ranges.DragSettings()
        return {
            "required": {
                "generator": inputs.generator(),
                "latent": inputs.latent(),
                "points": (
                    "STRING",
                    {
                        "default": "[]",
                        "tooltip": "As JSON, from and to of each point: each x and y, from 0 to 1 of the picture. Both "
                        "alike: a point that stays.",
                    },
                ),
                "method": inputs.choice(
                    ranges.METHODS,
                    usual.method,
                    "track: follows each point by what it looks like (DragGAN). line: moves what is around it along a "
                    "straight line (FreeDrag).",
                ),
                "steps": inputs.integer(
                    usual.steps, 0, ranges.MAX_STEPS, "At most so many; it ends when all have arrived."
                ),
                "strength": inputs.number(
                    usual.strength,
                    0.0,
                    ranges.MAX_STRENGTH,
                    "Size of a step, in standard deviations of random w.",
                    0.005,
                ),
                "mask_weight": inputs.number(
                    usual.mask_weight, 0.0, ranges.MAX_WEIGHT, "How firmly the rest is held, with a mask.", 0.5
                ),
                "frames": inputs.integer(
                    usual.frames,
                    ranges.MIN_FRAMES,
                    ranges.MAX_FRAMES,
                    "Codes of the way that path has, for each picture.",
                ),
            },
            "optional": {
                "mask": ("MASK", {"tooltip": "What may move, painted on the picture; all of it if left out."}),
                "stop_distance": inputs.number(
                    usual.stop_distance,
                    0.0,
                    ranges.MAX_STOP_DISTANCE,
                    "From a target, where a point has arrived; in pixels of a picture of 512 px.",
                    0.1,
                    advanced=True,
                ),
                "layer": inputs.choice(
                    [ranges.AUTO, *inputs.CONV_LAYERS],
                    ranges.AUTO,
                    "The finest layer that is looked at. auto: half the picture's resolution, at most 128 px.",
                    advanced=True,
                ),
                "rows": inputs.integer(
                    usual.rows,
                    0,
                    ranges.MAX_ROWS,
                    "Rows of w_plus that change, the first ones; 0: those of shapes.",
                    advanced=True,
                ),
                "keep_near": inputs.number(
                    usual.keep_near, 0.0, ranges.MAX_WEIGHT, "Weight of staying near the code.", 0.01, advanced=True
                ),
                "patience": inputs.integer(
                    usual.patience,
                    1,
                    ranges.MAX_STEPS,
                    "Steps without coming nearer after which it ends.",
                    advanced=True,
                ),
            },
            "hidden": {"unique_id": "UNIQUE_ID"},
        }

    @classmethod
    def IS_CHANGED(cls, unique_id: str | None = None, **_: Any) -> int:
        """A drag that was stopped is no answer to keep: the next run drags again."""
        return _times_stopped[unique_id]

    def drag(
        self,
        generator: Generator,
        latent: Latent,
        points: str,
        method: str,
        steps: int,
        strength: float,
        mask_weight: float,
        frames: int,
        mask: torch.Tensor | None = None,
        *,
        stop_distance: float,
        layer: str,
        rows: int,
        keep_near: float,
        patience: int,
        unique_id: str | None = None,
    ) -> tuple[Latent, torch.Tensor, Latent, str, str]:
        """Drag the points of each picture, and render what was reached."""
        settings = dragging.DragSettings(
            method=method,
            steps=steps,
            strength=strength,
            mask_weight=mask_weight,
            stop_distance=stop_distance,
            layer=layer,
            rows=rows,
            keep_near=keep_near,
            patience=patience,
            frames=frames,
        )
        drags = read_points(points)
        nchw = None if mask is None else inputs.mask_to_nchw(mask)
        host.load_on_device(generator, memory_required=dragging.drag_bytes(generator))
        say = host.Words(unique_id)
        before: list[torch.Tensor] = []
        with host.stoppable_progress("dragging", "keeping the nearest so far") as progress:

            def watch(
                done: int,
                total: int,
                picture: Callable[[], torch.Tensor],
                distance: float,
                reached: Callable[[], tuple[Drag, ...]],
            ) -> None:
                def preview() -> Image.Image:
                    host.told_now("soat_drag", unique_id, _places(reached()))
                    return host.live_picture(inputs.rgb_to_image(picture())[0])

                say(f"{distance:.1f} px to go, step {done} of {total}")
                if not done and host.in_comfyui():
                    before.append(inputs.rgb_to_image(picture())[0])
                if not progress(done, total, preview):
                    _times_stopped[unique_id] += 1
                    raise StopSearch

            found = dragging.drag(generator, latent, drags, settings, nchw, watch)
        first = found.reports[0]
        report = "\n".join(f"{index}: {each}" for index, each in enumerate(found.reports))
        reached = write_points([each.reached for each in found.reports])
        images = inputs.rgb_to_image(found.pictures)
        return host.shown(
            (found.latent, images, found.path, report, reached),
            soat_text=[f"{first.furthest:.1f} px to go, {first.steps} steps: {first.ending}" if drags[0] else ""],
            soat_before=host.save_previews(before[:1] or images[:1], "soat/drag"),
            soat_after=host.save_previews(images[:1], "soat/drag"),
            soat_mask=host.save_previews([] if nchw is None else [_left_out(nchw[0, 0])], "soat/drag"),
            soat_drag=_ends(drags[0], first),
        )


def _left_out(mask: torch.Tensor) -> torch.Tensor:
    """For the drawing: a mask `[h, w]` as ComfyUI's mask editor keeps it, `[h, w, 4]`, transparent where it is 1."""
    return torch.cat([torch.zeros(*mask.shape, 3, device=mask.device), 1.0 - mask[..., None]], -1)


def _places(drags: Sequence[Drag]) -> list[dict[str, Any]]:
    return [{"from": each.start, "to": each.target} for each in drags]


def _ends(drags: Sequence[Drag], report: dragging.DragReport) -> list[dict[str, Any]]:
    """For the drawing: what was asked of each point, which place it reached, how far from its target in pixels."""
    asked = zip(_places(drags), report.reached, report.distances, strict=True)
    return [{**each, "reached": reached.target, "distance": distance} for each, reached, distance in asked]
