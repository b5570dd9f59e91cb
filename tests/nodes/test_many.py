"""Stitch Many and Join Many: what they are of the nodes for two, whichever sockets are connected."""

from __future__ import annotations

import pytest
import torch
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.soat_backend.cli import NodePack, main
from soat.soat_backend.latents import load_latent
from soat.soat_backend.support.errors import FeatureError, LatentError, SoatError
from soat.soat_backend.workflow import NodeCatalog, execute
from soat.soat_backend.workflow.api_format import read_api_format

DIRECTIONS = ("horizontal", "vertical")


def node(class_id: str, **inputs):
    node_class = NODE_CLASS_MAPPINGS[class_id]
    with torch.inference_mode():
        return getattr(node_class(), node_class.FUNCTION)(**inputs)[0]


def codes(generator, seed, count=1):
    return node("SampleLatent", generator=generator, seed=seed, batch_size=count)


def features(generator, seed, count=1, layer="b8.conv1"):
    return node("GetFeatures", generator=generator, latent=codes(generator, seed, count), layer=layer)


def wires(values, sockets=range(50)) -> dict:
    return {f"features.features{socket}": value for socket, value in zip(sockets, values, strict=False)}


def picture(stitched) -> torch.Tensor:
    return node("Render", features=stitched)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("blend_width", [0.0, 0.6, 1.0])
def test_a_row_is_pairs_stitched_one_after_the_other_bit_for_bit(generator, make_generator, direction, blend_width):
    """Up to a width of 1 no blend reaches beyond its two pictures, and the order doesn't matter."""
    other = make_generator(seed=5, name="other.pkl")
    maps = [features(generator, 0), features(other, 1), features(generator, 2), features(other, 3)]
    row = {"direction": direction, "blend_width": blend_width}
    nested = maps[0]
    for each in maps[1:]:
        nested = node("StitchFeatures", features_a=nested, features_b=each, **row)
    at_once = picture(node("StitchMany", **wires(maps), **row))
    assert torch.equal(at_once, picture(nested))
    assert at_once.shape == ((1, 32, 128, 3) if direction == "horizontal" else (1, 128, 32, 3))


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("blend_width", [0.5, 1.0, 2.0])
def test_a_row_of_one_batchs_codes_is_their_panorama(generator, wrap, blend_width):
    batch = codes(generator, 7, 4)
    row = {"wrap": wrap, "blend_width": blend_width}
    panorama = node("PanoramaFeatures", generator=generator, latent=batch, layer="b8.conv1", **row)
    many = node("StitchMany", **wires([features(generator, 7 + k) for k in range(4)]), **row)
    # Styles of a batch are one product of matrices, of single codes four.
    assert (picture(many) - picture(panorama)).abs().max() < 1e-5
    assert (many.wrap_x, many.wrap_y) == (wrap, False)


def test_sockets_are_taken_by_their_numbers_and_gaps_passed_over(generator):
    maps = [features(generator, seed) for seed in range(3)]
    in_order = picture(node("StitchMany", **wires(maps)))
    mixed_up = wires([maps[2], maps[0], maps[1]], (10, 1, 9)) | {"features.features0": None}
    assert torch.equal(picture(node("StitchMany", **mixed_up)), in_order)


def test_one_alone_is_itself_and_may_be_closed(generator):
    alone = features(generator, 3)
    assert torch.equal(picture(node("StitchMany", **wires([alone], (4,)))), picture(alone))
    closed = node("StitchMany", wrap=True, **wires([alone]))
    assert closed.wrap_x and closed.activation.shape == alone.activation.shape


def test_fifty(generator):
    a, b = features(generator, 0), features(generator, 1)
    assert picture(node("StitchMany", **wires([a, b] * 25))).shape == (1, 32, 1600, 3)


def test_many_latents_are_those_joined_by_twos_bit_for_bit(generator):
    latents = [codes(generator, seed, 1 + seed % 2) for seed in range(12)]
    joined = node("JoinMany", **{f"latents.latent{number}": each for number, each in enumerate(latents)})
    nested = latents[0]
    for each in latents[1:]:
        nested = node("JoinLatents", latent_a=nested, latent_b=each)
    assert joined.batch == 18 and torch.equal(joined.codes[0], nested.codes[0])
    assert (joined.space, joined.fingerprint) == (nested.space, nested.fingerprint)


@pytest.mark.parametrize(
    ("class_id", "kind", "socket"), [("StitchMany", "FEATURES", "features0"), ("JoinMany", "LATENT", "latent0")]
)
def test_nothing_connected(class_id, kind, socket):
    with pytest.raises(SoatError, match=f"{class_id}: Nothing is connected.*SOAT_{kind}.*to {socket}"):
        node(class_id)


def test_an_input_there_is_not(generator):
    with pytest.raises(SoatError, match=r"StitchMany: There is no input 'features\.features50': there are up to 50"):
        node("StitchMany", **wires([features(generator, 0)] * 2, (0, 50)))


def test_mistakes_name_the_sockets(generator):
    maps = [features(generator, 0), features(generator, 1), features(generator, 2, layer="b16.conv1")]
    with pytest.raises(FeatureError, match=r"StitchMany: .*different layers: features1 is at b8.*features7 at b16"):
        node("StitchMany", **wires(maps, (1, 4, 7)))
    latents = [codes(generator, 0), node("ConvertLatent", generator=generator, latent=codes(generator, 1))]
    with pytest.raises(LatentError, match=r"JoinMany: latent2 is .*, latent11 is "):
        node("JoinMany", **{"latents.latent2": latents[0], "latents.latent11": latents[1]})


def test_batches_that_go_with_the_first_but_not_with_each_other(generator):
    maps = [features(generator, 0), features(generator, 1, 2), features(generator, 2, 3)]
    with pytest.raises(FeatureError, match="StitchMany: features2 has a batch of 3, features1 of 2"):
        node("StitchMany", **wires(maps))
    assert picture(node("StitchMany", **wires([maps[0], maps[1], maps[0]]))).shape == (2, 32, 96, 3)


def api(class_type, **inputs) -> dict:
    return {"class_type": class_type, "inputs": inputs}


def test_a_run_takes_any_socket_and_a_list_at_one_of_them(tmp_path, monkeypatch):
    """As ComfyUI: the node runs once for each item, with the others as they are."""
    monkeypatch.setattr(host.folders, "_chosen_folders", {"output": tmp_path})
    sampled = {"truncation_psi": 0.7, "truncation_cutoff": -1, "class_idx": -1, "rng": "numpy"}
    prompt = {
        "load": api("LoadStyleGAN", checkpoint="demo/landscape_256.safetensors", precision="float32"),
        "still": api("SampleLatent", generator=["load", 0], seed=50, batch_size=2, **sampled),
        "seeds": api("AnimateValue", start=3.0, end=5.0, frames=3, motion="once", easing="linear"),
        "moving": api("SampleLatent", generator=["load", 0], seed=["seeds", 1], batch_size=1, **sampled),
        "join": api("JoinMany", **{"latents.latent49": ["still", 0], "latents.latent6": ["moving", 0]}),
        "save": api("SaveStyleGANLatent", latent=["join", 0], filename_prefix="frame"),
    }
    execute(read_api_format(prompt), NodeCatalog(NODE_CLASS_MAPPINGS))
    generator = node("LoadStyleGAN", checkpoint="demo/landscape_256.safetensors")
    for number, path in enumerate(sorted(tmp_path.glob("frame*.safetensors")), start=3):
        (found,) = load_latent(path).codes
        assert torch.equal(found[:1], codes(generator, number).codes[0])
        assert torch.equal(found[1:], codes(generator, 50, 2).codes[0])
    assert number == 5


@pytest.mark.parametrize("class_id", ["StitchMany", "JoinMany"])
def test_without_comfyui_it_is_a_plain_class_with_five_sockets(class_id):
    assert NODE_CLASS_MAPPINGS[class_id].__bases__ == (object,)
    assert (
        list(NODE_CLASS_MAPPINGS[class_id].INPUT_TYPES()["optional"]) == NODE_CLASS_MAPPINGS[class_id].GROWS.names()[:5]
    )


@pytest.mark.parametrize("class_id", ["StitchMany", "JoinMany"])
def test_in_a_comfyui_older_than_v3_too(class_id, comfyui):
    plain = NODE_CLASS_MAPPINGS[class_id]
    assert host.in_comfyui() and host.as_v3(class_id, plain, "Many") is plain


def test_the_list_of_nodes_has_one_line_for_an_input_that_grows(capsys):
    assert main(["nodes", "JoinMany"], NodePack(NODE_CLASS_MAPPINGS, host)) == 0
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("  in ")] == [
        "  in   latents.latent0 to latents.latent49: SOAT_LATENT, optional"
    ]
