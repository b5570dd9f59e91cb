"""Faces found in a photo, the square that FFHQ cuts, and the way through invert and back."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from soat.nodes import NODE_CLASS_MAPPINGS
from soat.soat_backend.pictures.faces import Face, ffhq_crop, find_faces, is_sideways
from soat.soat_backend.pictures.faces.find import _CLOSE_SIDE, _detect
from soat.soat_backend.support.errors import SoatError
from soat.soat_backend.training.renderers.portrait.cast import random_person
from soat.soat_backend.training.renderers.portrait.portraits import paint

HERE = Path(__file__).parent
# Marked by hand in the picture: the eyes' middles and the corners of the mouth, as the viewer sees them.
EYES = ((107.5, 76.0), (140.0, 77.5))
MOUTH = ((107.5, 105.5), (139.5, 105.0))


@pytest.fixture(scope="module")
def photo():
    pixels = np.asarray(Image.open(HERE / "astronaut.jpg").convert("RGB"))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float()


def as_image(photo):
    return photo.permute(0, 2, 3, 1) / 255.0


def node(class_id, **inputs):
    node_class = NODE_CLASS_MAPPINGS[class_id]
    with torch.inference_mode():
        return getattr(node_class(), node_class.FUNCTION)(**inputs)


def parts(landmarks):
    return [landmarks[36:42].mean(0), landmarks[42:48].mean(0), landmarks[48], landmarks[54]]


def test_eyes_and_mouth_are_where_they_are(photo):
    (face,) = find_faces(photo)
    assert face.score > 0.75
    for found, marked in zip(parts(face.landmarks), EYES + MOUTH, strict=True):
        assert float((found - torch.tensor(marked)).norm()) < 4


@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_the_size_of_a_photo_changes_little(photo, scale):
    small = find_faces(photo)[0]
    (face,) = find_faces(F.interpolate(photo, scale_factor=scale, mode="bilinear", antialias=True))
    assert (face.landmarks / scale - small.landmarks).norm(dim=1).mean() < 4


def test_the_square_is_ffhqs():
    """Its recipe, literally: half the side is twice the distance of the eyes, or 1.8 times that from eyes to mouth."""
    landmarks = torch.zeros(68, 2)
    landmarks[36:42], landmarks[42:48] = torch.tensor([100.0, 80.0]), torch.tensor([140.0, 80.0])
    landmarks[48], landmarks[54] = torch.tensor([105.0, 130.0]), torch.tensor([135.0, 130.0])
    crop = ffhq_crop(landmarks, 300, 300)
    assert crop.centre == pytest.approx((120, 85)) and crop.right == pytest.approx((90, 0))
    landmarks[48], landmarks[54] = torch.tensor([105.0, 100.0]), torch.tensor([135.0, 100.0])
    assert ffhq_crop(landmarks, 300, 300).right == pytest.approx((80, 0))
    wider = ffhq_crop(landmarks, 300, 300, margin=1.5)
    assert wider.right == pytest.approx((120, 0)) and wider.centre == ffhq_crop(landmarks, 300, 300).centre
    with pytest.raises(SoatError, match=r"^margin: expected .*0\.5 to 3"):
        ffhq_crop(landmarks, 300, 300, margin=0.0)


def test_turned_photos_give_the_same_square():
    landmarks = torch.randn(68, 2, generator=torch.Generator().manual_seed(0)) * 3
    landmarks[36:42] += torch.tensor([-20.0, -10.0])
    landmarks[42:48] += torch.tensor([20.0, -12.0])
    landmarks[48:68] += torch.tensor([0.0, 25.0])
    upright = ffhq_crop(landmarks, 300, 300)
    angle = 0.7
    turn = torch.tensor([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    turned = ffhq_crop(landmarks @ turn, 300, 300)
    for ours, theirs in ((turned.centre, upright.centre), (turned.right, upright.right)):
        assert ours == pytest.approx((torch.tensor(theirs) @ turn).tolist(), abs=1e-3)


def test_a_photo_turned_by_a_quarter_of_a_right_angle_is_aligned_alike(photo):
    upright, _, _ = node("AlignFace", image=as_image(photo), size=128)
    turned = Image.fromarray(photo[0].permute(1, 2, 0).byte().numpy()).rotate(22, Image.Resampling.BICUBIC)
    image = torch.from_numpy(np.asarray(turned).copy())[None].float() / 255.0
    aligned, _, report = node("AlignFace", image=image, size=128)
    assert report.startswith("0: one face; ")
    # The face itself: the corners lay outside of one of them.
    assert (aligned - upright)[:, 40:100, 35:95].abs().mean() < 0.06


def test_align_and_paste_back_leave_the_photo_as_it_was(photo):
    image = as_image(photo)
    aligned, crop, _ = node("AlignFace", image=image, size=256)
    (pasted,) = node("PasteBack", image=image, edited=aligned, crop=crop, feather=0.1)
    assert (pasted - image).abs().mean() < 0.004
    (marked,) = node("PasteBack", image=image, edited=torch.zeros(1, 8, 8, 3), crop=crop, feather=0.1)
    for x, y in EYES + MOUTH:
        assert not marked[0, round(y), round(x)].any()


def test_the_way_through_a_generator(photo, make_generator):
    image = as_image(photo)
    aligned, crop, _ = node("AlignFace", image=image, size=64)
    latent, reconstruction, _, generator, _ = node(
        "InvertImage", generator=make_generator(), image=aligned, steps=3, candidates=2
    )
    (features,) = node("GetFeatures", generator=generator, latent=latent)
    edited, _ = node("Render", features=features)
    torch.testing.assert_close(edited, reconstruction, rtol=0, atol=1e-4)
    (pasted,) = node("PasteBack", image=image, edited=edited, crop=crop)
    assert pasted.shape == image.shape
    assert (pasted - image).abs()[:, 60:110, 100:145].mean() > 0.02
    assert torch.equal(pasted[:, 230:], image[:, 230:])


GREY = torch.tensor([[0.299, 0.587, 0.114]] * 3)
SEPIA = torch.tensor([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])
VARIANTS = {
    "grey": lambda picture: torch.einsum("oc,nchw->nohw", GREY, picture),
    "sepia": lambda picture: torch.einsum("oc,nchw->nohw", SEPIA, picture).clamp(0, 255),
    "mirrored": lambda picture: picture.flip(3),
}


def drawn(checkpoint, count):
    """Pictures of a bundled generator, `[count, 3, H, W]` in 0..255."""
    (generator, _) = node("LoadStyleGAN", checkpoint=f"demo/{checkpoint}.safetensors")
    (latent,) = node("SampleLatent", generator=generator, seed=0, batch_size=count)
    (features,) = node("GetFeatures", generator=generator, latent=latent)
    return node("Render", features=features)[0].permute(0, 3, 1, 2) * 255.0


@pytest.fixture(scope="module")
def portraits():
    """Faces that fill the picture."""
    return drawn("portrait_256", 8)


def eyes(face):
    return torch.stack(parts(face.landmarks)[:2])


def test_a_face_that_fills_the_picture_is_found(portraits):
    for portrait in portraits:
        assert len(find_faces(portrait[None])) == 1


@pytest.mark.parametrize("variant", VARIANTS)
def test_and_at_the_same_place_without_its_colours_or_mirrored(portraits, variant):
    for portrait in portraits:
        (face,) = find_faces(portrait[None])
        (found,) = find_faces(VARIANTS[variant](portrait[None]))
        where = eyes(found)
        if variant == "mirrored":
            where = torch.stack((255 - where[:, 0], where[:, 1]), dim=1).flip(0)
        assert (where - eyes(face)).norm(dim=1).mean() < 3


def test_landscapes_have_no_face_that_fills_them():
    for landscape in drawn("landscape_256", 8):
        assert _detect(landscape[None], _CLOSE_SIDE, close=True) == []


def test_no_face(photo):
    landscape = torch.rand(1, 90, 120, 3)
    with pytest.raises(SoatError, match=r"No face was found in picture 0 \(120 x 90\).*take SquareCrop"):
        node("AlignFace", image=landscape)
    with pytest.raises(SoatError, match="No face was found in picture 1"):
        node("AlignFace", image=torch.cat((as_image(photo), torch.zeros(1, 256, 256, 3))))


def test_two_faces(photo):
    small = F.interpolate(photo, scale_factor=0.7, mode="bilinear", antialias=True)
    both = torch.full((1, 3, 256, 460), 180.0)
    both[:, :, :, :256], both[:, :, 40:219, 270:449] = photo, small
    largest, smaller = find_faces(both)
    assert largest.box[0] < 256 < smaller.box[0] and largest.area > smaller.area
    first, second = (node("AlignFace", image=as_image(both), size=128, face=k) for k in (0, 1))
    assert "face 0 of 2, the largest first" in first[2] and "face 1 of 2" in second[2]
    assert (first[0] - second[0])[:, 20:-20, 30:-30].abs().mean() < 0.06
    with pytest.raises(SoatError, match=r"Face 2 was asked for, and picture 0 has 2: choose a face from 0 .* to 1"):
        node("AlignFace", image=as_image(both), face=2)


def test_a_profile_is_said_to_be_one(photo):
    (face,) = find_faces(photo)
    assert not is_sideways(face)
    profile = face.landmarks.clone()
    profile[30] = profile[36:42].mean(0)
    assert is_sideways(Face(face.box, face.score, profile))


def test_grey_and_transparent_photos(photo):
    image = as_image(photo)
    grey = image.mean(dim=3, keepdim=True)
    aligned, _, _ = node("AlignFace", image=grey, size=64)
    assert aligned.shape == (1, 64, 64, 3) and torch.equal(aligned[..., 0], aligned[..., 2])
    with_alpha = torch.cat((image, torch.zeros(1, 256, 256, 1)), dim=3)
    assert torch.equal(node("AlignFace", image=with_alpha, size=64)[0], node("AlignFace", image=image, size=64)[0])


def test_a_tiny_photo_and_a_huge_one(photo):
    tiny, tinier = (F.interpolate(photo, scale_factor=scale, mode="bilinear", antialias=True) for scale in (0.5, 0.1))
    _, _, report = node("AlignFace", image=as_image(tiny), size=64)
    assert "so small that the model will make up most of it" in report
    with pytest.raises(SoatError, match="enlarge a tiny one"):
        node("AlignFace", image=as_image(tinier))
    huge = torch.full((1, 3, 4000, 5000), 150.0)
    huge[:, :, 1500:2524, 2000:3024] = F.interpolate(photo, scale_factor=4.0, mode="bilinear")
    (face,) = find_faces(huge)
    small = find_faces(photo)[0].landmarks
    moved = (face.landmarks - torch.tensor([2000.0, 1500.0])) / 4
    assert (moved - small).norm(dim=1).mean() < 5


def test_painted_portraits_are_faces_too():
    """Those that the bundled generator of portraits knows, so that its workflows can align."""
    found = 0
    for seed in range(8):
        portrait = (
            torch.from_numpy(paint(random_person(np.random.default_rng(seed)), 256)).permute(2, 0, 1)[None].float()
        )
        found += len(find_faces(portrait)) == 1
    assert found == 8
