"""ConvertLatent: the same pictures from another space."""

from __future__ import annotations

import pytest
import torch
from soat.soat_backend.latents import Latent, draw_z
from soat.soat_backend.support.errors import LatentError


def picture(node, generator, latent):
    return node("Render", features=node("GetFeatures", generator=generator, latent=latent))


@pytest.mark.parametrize("space", ["style_space", "w_plus"])
@pytest.mark.parametrize("origin", ["z", "w_plus"])
def test_the_picture_stays(node, make_generator, space, origin):
    generator = make_generator()
    latent = Latent("z", (draw_z(3, 16),), generator.fingerprint, 32)
    if origin == "w_plus":
        latent = node("SampleLatent", generator=generator, seed=3)
    converted = node("ConvertLatent", generator=generator, latent=latent, space=space)
    assert converted.space == space and converted.fingerprint == generator.fingerprint
    torch.testing.assert_close(picture(node, generator, converted), picture(node, generator, latent), rtol=0, atol=1e-5)


def test_samples_join_inverted_pictures(node, make_generator):
    generator = make_generator()
    inverted = node("InvertImage", generator=generator, image=torch.rand(1, 32, 32, 3), steps=2, candidates=0)
    samples = node("SampleLatent", generator=generator, seed=3)
    with pytest.raises(LatentError, match="Bring all into one space with ConvertLatent"):
        node("JoinLatents", latent_a=inverted, latent_b=samples)
    converted = node("ConvertLatent", generator=generator, latent=samples)
    joined = node("JoinLatents", latent_a=inverted, latent_b=converted)
    assert joined.batch == 2 and node("PanoramaFeatures", generator=generator, latent=joined)


def test_style_codes_have_no_way_back(node, make_generator):
    generator = make_generator()
    styles = node("ConvertLatent", generator=generator, latent=node("SampleLatent", generator=generator))
    again = node("ConvertLatent", generator=generator, latent=styles)
    assert all(map(torch.equal, again.codes, styles.codes))
    with pytest.raises(LatentError, match="not every style has a w"):
        node("ConvertLatent", generator=generator, latent=styles, space="w_plus")
