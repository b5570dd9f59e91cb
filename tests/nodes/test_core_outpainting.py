"""ComfyUI's padding and its mask, headless; that they are ComfyUI's is tested in tests/comfyui."""

from __future__ import annotations

import pytest
import torch
from soat.nodes.core.outpainting import ImagePadForOutpaint, InvertMask


@pytest.mark.parametrize(
    ("left", "top", "right", "bottom", "feathering"),
    [(8, 0, 0, 0, 3), (0, 8, 16, 8, 4), (8, 8, 8, 8, 0), (8, 0, 0, 0, 6)],
)
def test_grey_around_and_a_mask_that_fades(left, top, right, bottom, feathering):
    image = torch.rand(2, 11, 14, 3, generator=torch.Generator().manual_seed(0))
    padded, mask = ImagePadForOutpaint().expand_image(image, left, top, right, bottom, feathering)
    assert padded.shape == (2, 11 + top + bottom, 14 + left + right, 3) and mask.shape == (1, *padded.shape[1:3])
    for y in range(padded.shape[1]):
        for x in range(padded.shape[2]):
            row, column = y - top, x - left
            if not (0 <= row < 11 and 0 <= column < 14):
                assert mask[0, y, x] == 1 and bool((padded[:, y, x] == 0.5).all())
                continue
            assert torch.equal(padded[:, y, x], image[:, row, column])
            sides = [(left, column), (top, row), (right, 14 - column), (bottom, 11 - row)]
            away = min(distance for padding, distance in sides if padding)
            # As wide as half of the picture, ComfyUI leaves it out.
            fades = feathering if 2 * feathering < 11 else 0
            expected = ((fades - away) / fades) ** 2 if away < fades else 0.0
            assert mask[0, y, x] == pytest.approx(expected)


def test_a_mask_inverted_twice_is_itself():
    mask = torch.rand(2, 5, 6) > 0.5
    (inverted,) = InvertMask().invert(mask.float())
    assert torch.equal(inverted, (~mask).float()) and torch.equal(InvertMask().invert(inverted)[0], mask.float())
