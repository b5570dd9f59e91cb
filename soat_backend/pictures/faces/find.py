"""Finding faces in pictures, and 68 landmarks in each."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from .face_networks import ANCHORS, LANDMARKS_SIDE, run_detector, run_landmarks

# The detector sees faces of a tenth of its input and more: if there is none, a larger input finds smaller ones.
_INPUT_SIDES = (416, 640, 1024)
_LEAST_SCORE = 0.5
# A face that fills the picture it knows only if that is shrunk more. Then the picture and its mirror image are both
# looked at: what is seen in both needs less of a score. Of 64 portraits of the bundled generator it finds all so, as
# they are, grey, sepia and mirrored, with scores from 0.32 (44, 45, 47 and 41 without); 192 landscapes have 0.01.
_CLOSE_SIDE = 160
_LEAST_CLOSE_SCORE = 0.3
# Boxes that share more of their area than this are of one face.
_MOST_OVERLAP = 0.4


@dataclass(frozen=True, eq=False)
class Face:
    """A face that was found in a picture.

    Attributes:
        box: Left, top, right, bottom in pixels.
        score: How sure the detector is, 0..1.
        landmarks: `[68, 2]`, x and y in pixels, in the order of the 300-W data set: jaw 0-16, brows 17-26, nose 27-35,
            eyes 36-47, mouth 48-67.
    """

    box: tuple[float, float, float, float]
    score: float
    landmarks: torch.Tensor

    @property
    def area(self) -> float:
        """The area of the face's box, in square pixels."""
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])


def find_faces(picture: torch.Tensor) -> list[Face]:
    """All faces of a picture, the largest first.

    Args:
        picture: `[1, 3, H, W]` RGB in 0..255.
    """
    picture = picture.cpu()  # Where the networks are: they are small.
    usual, *larger = _INPUT_SIDES
    boxes = _detect(picture, usual) or _detect(picture, _CLOSE_SIDE, close=True)
    for side in larger:
        boxes = boxes or _detect(picture, side)
    faces = [Face(box, score, _landmarks(picture, box)) for box, score in boxes]
    return sorted(faces, key=lambda face: face.area, reverse=True)


def _detect(
    picture: torch.Tensor, side: int, close: bool = False
) -> list[tuple[tuple[float, float, float, float], float]]:
    """Boxes in pixels and their scores, the surest first; `close`: of faces that fill the picture."""
    height, width = picture.shape[2:]
    longest = max(height, width)
    size = (max(1, round(height * side / longest)), max(1, round(width * side / longest)))
    shrunk = F.interpolate(picture, size=size, mode="bilinear", antialias=True)
    square = F.pad(shrunk, (0, side - size[1], 0, side - size[0]))
    told = run_detector(square)[0]
    cells = told.shape[0]
    scores = told[..., 4].sigmoid()
    if close:
        mirrored = run_detector(square.flip(3))[0][..., 4].sigmoid()
        scores = (scores + mirrored.flip(1)) / 2
    found = []
    for row, column, anchor in (scores > (_LEAST_CLOSE_SCORE if close else _LEAST_SCORE)).nonzero().tolist():
        x, y, log_width, log_height, _ = told[row, column, anchor].tolist()
        centre_x, centre_y = column + _sigmoid(x), row + _sigmoid(y)
        box_width, box_height = (
            usual * float(torch.tensor(log, dtype=torch.float32, device="cpu").exp())
            for usual, log in zip(ANCHORS[anchor], (log_width, log_height), strict=True)
        )
        scale = longest / cells
        left, top = (centre_x - box_width / 2) * scale, (centre_y - box_height / 2) * scale
        box = (left, top, left + box_width * scale, top + box_height * scale)
        found.append((box, float(scores[row, column, anchor])))
    found.sort(key=lambda each: each[1], reverse=True)
    kept: list[tuple[tuple[float, float, float, float], float]] = []
    for box, score in found:
        if all(_overlap(box, other) <= _MOST_OVERLAP for other, _ in kept):
            kept.append((box, score))
    return kept


def _sigmoid(value: float) -> float:
    return float(torch.tensor(value, dtype=torch.float32, device="cpu").sigmoid())


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Shared area over the area of both together."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0.0) * max(height, 0.0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return shared / (sum(areas) - shared)


def _landmarks(picture: torch.Tensor, box: tuple[float, float, float, float]) -> torch.Tensor:
    """Those of the face in a box, which is cut out, made square with black and shrunk."""
    height, width = picture.shape[2:]
    left, top = max(0, int(box[0])), max(0, int(box[1]))
    right, bottom = min(width, max(left + 1, round(box[2]))), min(height, max(top + 1, round(box[3])))
    part = picture[:, :, top:bottom, left:right]
    side = max(bottom - top, right - left)
    above, before = (side - (bottom - top)) // 2, (side - (right - left)) // 2
    square = F.pad(part, (before, side - (right - left) - before, above, side - (bottom - top) - above))
    shrunk = F.interpolate(square, size=(LANDMARKS_SIDE, LANDMARKS_SIDE), mode="bilinear", antialias=True)
    points = run_landmarks(shrunk)[0] * side
    return points + torch.tensor([left - before, top - above], device="cpu")
