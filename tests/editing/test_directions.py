"""Directions against their plain formulas, and files of others read for what they are."""

from __future__ import annotations

import io
import pickle
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from soat.soat_backend.generators import GeneratorConfig, StyleGAN2
from soat.soat_backend.latents import edit, find_direction, read_direction, sample, to_style_space
from soat.soat_backend.latents import statistics as prior
from soat.soat_backend.latents.directions import scaled_to_samples
from soat.soat_backend.latents.sampling import random_w
from soat.soat_backend.latents.spaces import open_space
from soat.soat_backend.support.errors import CheckpointError, LatentError, SoatError
from torch.overrides import TorchFunctionMode

LAYERS = {"first_layer": "b8.conv0", "last_layer": "b16.torgb"}


def test_sefa_is_its_formula(generator):
    """Eigenvectors of A^T A, its rows of length 1, of the layers in the range: found here by singular values."""
    names = ["b8.conv0", "b8.conv1", "b8.torgb", "b16.conv0", "b16.conv1", "b16.torgb"]
    weights = [generator.get_parameter(f"synthesis.{name}.affine.weight") for name in names]
    stacked = torch.cat([weight / weight.norm(dim=1, keepdim=True) for weight in weights])
    _, _, vectors = torch.linalg.svd(stacked, full_matrices=False)
    for component in (0, 1, 5):
        found = find_direction(generator, "sefa", component, **LAYERS).as_found().rows[0]
        assert float(found.norm()) == pytest.approx(1.0, abs=1e-4)
        assert abs(float(found @ vectors[component])) == pytest.approx(1.0, abs=1e-3)


def test_pca_is_what_varies_most(generator):
    w = random_w(generator, 20_000, 77)
    spreads = []
    for component in range(4):
        axis = find_direction(generator, "pca_w", component).as_found().rows[0]
        spreads.append(float((w @ axis).std()))
    assert spreads == sorted(spreads, reverse=True)
    anywhere = torch.nn.functional.normalize(torch.randn(50, w.shape[1], generator=torch.Generator().manual_seed(0)))
    assert spreads[0] > float((w @ anywhere.t()).std(0).max())


@pytest.mark.parametrize("method", ["sefa", "pca_w"])
def test_a_step_of_one_is_a_standard_deviation(generator, method):
    direction = find_direction(generator, method, 1)
    w = random_w(generator, 20_000, 3)
    step = direction.rows[0]
    spread = (w @ (step / step.norm())).std()
    assert float(step.norm()) == pytest.approx(float(spread), rel=0.03)


def test_a_step_in_style_space_is_a_standard_deviation_too(generator):
    opened = open_space("style_space", generator)
    codes = opened.gaussian.standardise(
        torch.cat(to_style_space(generator, sample(generator, 0, 1000, 1.0)).codes, dim=1)
    )
    for component in (0, 2):
        step = torch.cat(find_direction(generator, "pca_style_space", component).rows) / opened.gaussian.deviation
        assert float((codes @ (step / step.norm())).std()) == pytest.approx(float(step.norm()), rel=0.1)


class NoFloat64OnADevice(TorchFunctionMode):
    """Apple's GPUs have no float64: what becomes it must have been brought to the CPU first."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is torch.Tensor.double:
            assert getattr(args[0], "brought", False)
        result = func(*args, **(kwargs or {}))
        if func is torch.Tensor.cpu:
            result.brought = True
        return result


@pytest.mark.parametrize("method", ["sefa", "pca_w", "pca_style_space"])
def test_float64_is_for_the_cpu(make_generator, method):
    generator = make_generator(mapping_seed=88)
    expected = find_direction(generator, method, 0)
    prior._kept.clear()
    with NoFloat64OnADevice():
        found = find_direction(generator, method, 0)
    assert all(torch.equal(own, other) for own, other in zip(found.rows, expected.rows, strict=True))
    assert all(row.dtype == torch.float32 for row in found.rows)


def test_the_same_step_in_w_and_through_the_affines(generator):
    """The affines are linear: w_plus moved and then mapped is style space moved."""
    latent = sample(generator, 2, 2)
    direction = find_direction(generator, "pca_w", 0)
    in_w = edit(generator, latent, direction, 1.7, "b8.torgb", "b16.conv1")
    in_styles = edit(generator, to_style_space(generator, latent), direction, 1.7, "b8.torgb", "b16.conv1")
    assert in_w.space == "w_plus" and in_styles.space == "style_space"
    untouched = to_style_space(generator, latent).codes
    for index, (ours, theirs) in enumerate(zip(to_style_space(generator, in_w).codes, in_styles.codes, strict=True)):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)
        assert torch.equal(theirs, untouched[index]) == (index not in range(4, 7))


def test_no_strength_changes_nothing_and_steps_add_up(generator):
    latent = sample(generator, 2, 2)
    direction = find_direction(generator, "sefa", 3)
    assert torch.equal(edit(generator, latent, direction, 0.0).codes[0], latent.codes[0])
    twice = edit(generator, edit(generator, latent, direction, 0.75), direction, 0.75)
    torch.testing.assert_close(twice.codes[0], edit(generator, latent, direction, 1.5).codes[0])
    assert twice.codes[0].shape == latent.codes[0].shape


HERE = Path(__file__).parent


def random_generator_of(w_dim):
    config = GeneratorConfig(32, dict.fromkeys((4, 8, 16, 32), 4), z_dim=w_dim, w_dim=w_dim, mapping_layers=1)
    torch.manual_seed(0)
    return StyleGAN2(config, name="wide").eval().requires_grad_(False)


def write(path, tensor):
    if path.suffix == ".npy":
        np.save(path, tensor.numpy())
    elif path.suffix == ".pt":
        torch.save(tensor, path)
    else:
        save_file({"direction": tensor}, path)
    return path


@pytest.mark.parametrize("suffix", [".npy", ".pt", ".safetensors"])
@pytest.mark.parametrize("shape", [(24,), (1, 24), (1, 1, 24), (5, 24), (5, 1, 24), (8, 24), (1, 8, 24), (3, 8, 24)])
def test_files_of_all_shapes(generator, tmp_path, suffix, shape):
    """w_dim is 24, and there are 8 rows of w_plus."""
    tensor = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    component = {5: 4, 3: 2}.get(shape[0], 0)
    direction = read_direction(write(tmp_path / f"age{suffix}", tensor), generator, component).as_found()
    several = shape[0] in (3, 5)
    expected = (tensor[component] if several else tensor).reshape(-1, 24)
    torch.testing.assert_close(torch.stack(direction.rows), expected)


def test_component_collections_as_others_save_them(generator, tmp_path):
    """GANSpace's and e4e's: a dict of several arrays, the components among them."""
    components = torch.randn(6, 1, 24, generator=torch.Generator().manual_seed(1))
    torch.save({"X_mean": torch.zeros(1, 24), "X_comp": components, "X_stdev": torch.ones(6)}, tmp_path / "pca.pt")
    direction = read_direction(tmp_path / "pca.pt", generator, 3).as_found()
    torch.testing.assert_close(direction.rows[0], components[3, 0])


GANSPACE = {"lat_comp": (8, 1, 24), "act_comp": (8, 1, 24), "lat_stdev": (8,), "lat_mean": (1, 24), "layer": (3, 24)}


def ganspace(**changed):
    """Its arrays; as many components as the generator has rows."""
    random = np.random.RandomState(3)
    arrays = {name: random.randn(*shape).astype(np.float32) for name, shape in GANSPACE.items()}
    arrays["lat_stdev"] = np.abs(arrays["lat_stdev"]) + 0.5
    return {**arrays, **changed}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("component", [0, 7])
def test_ganspaces_components_are_in_its_sigmas(generator, tmp_path, save, component):
    arrays = ganspace(names=np.array(["age", None], dtype=object))
    save(tmp_path / "stylegan2_c8.npz", **arrays)
    direction = read_direction(tmp_path / "stylegan2_c8.npz", generator, component)
    found = torch.from_numpy(arrays["lat_comp"][component, 0])
    assert direction.space == "w" and len(direction.rows) == 1
    torch.testing.assert_close(direction.rows[0], found * float(arrays["lat_stdev"][component]))
    torch.testing.assert_close(direction.as_found().rows[0], found)
    moved = edit(generator, sample(generator, 0), direction, 2.0).codes[0] - sample(generator, 0).codes[0]
    expected = (2.0 * direction.rows[0]).expand(1, 8, 24)
    torch.testing.assert_close(moved, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("stdev", [np.zeros(8), np.full(8, np.nan), np.ones(5)])
def test_deviations_that_say_nothing_are_measured_instead(generator, tmp_path, stdev):
    arrays = ganspace(lat_stdev=stdev.astype(np.float32))
    np.savez(tmp_path / "x.npz", **arrays)
    measured = scaled_to_samples(generator, torch.from_numpy(arrays["lat_comp"][2]))
    torch.testing.assert_close(read_direction(tmp_path / "x.npz", generator, 2).rows[0], measured.rows[0])


def test_the_same_components_in_a_torch_file(generator, tmp_path):
    """e4e's: `comp` and `std`."""
    arrays = {name: torch.from_numpy(array) for name, array in ganspace().items()}
    torch.save({"comp": arrays["lat_comp"], "std": arrays["lat_stdev"], "mean": arrays["lat_mean"]}, tmp_path / "x.pt")
    direction = read_direction(tmp_path / "x.pt", generator, 6)
    torch.testing.assert_close(direction.rows[0], arrays["lat_comp"][6, 0] * arrays["lat_stdev"][6])


@pytest.mark.parametrize("columns", [24, 8, 5])
def test_rosinalitys_eigenvectors_are_columns(generator, tmp_path, columns):
    """Of `closed_form_factorization`; its `apply_factor` takes `eigvec[:, index]`."""
    vectors = torch.linalg.svd(torch.randn(40, 24, generator=torch.Generator().manual_seed(2))).Vh.t()[:, :columns]
    torch.save({"ckpt": "checkpoint/550000.pt", "eigvec": torch.nn.Parameter(vectors)}, tmp_path / "factor.pt")
    for component in (0, 3):
        found = read_direction(tmp_path / "factor.pt", generator, component).as_found()
        assert len(found.rows) == 1
        torch.testing.assert_close(found.rows[0], vectors[:, component])
    with pytest.raises(LatentError, match=f"contains {columns} directions"):
        read_direction(tmp_path / "factor.pt", generator, columns)


def test_files_that_others_wrote():
    """GANSpace's and rosinality's, with 64 numbers in a w; the generator's 8 rows are no reason to cut them up."""
    wide = random_generator_of(64)
    arrays = np.load(HERE / "ganspace_comps.npz")
    direction = read_direction(HERE / "ganspace_comps.npz", wide, 3)
    torch.testing.assert_close(direction.as_found().rows[0], torch.from_numpy(arrays["lat_comp"][3, 0]))
    vectors = torch.load(HERE / "rosinality_factor.pt")["eigvec"]
    for component in (0, 63):
        direction = read_direction(HERE / "rosinality_factor.pt", wide, component)
        torch.testing.assert_close(direction.as_found().rows[0], vectors[:, component])


def test_rows_for_each_layer_are_applied_to_theirs(generator, tmp_path):
    rows = torch.zeros(8, 24)
    rows[3] = 1.0
    direction = read_direction(write(tmp_path / "x.npy", rows), generator, 0).as_found()
    latent = sample(generator, 0)
    moved = edit(generator, latent, direction, 2.0).codes[0] - latent.codes[0]
    assert torch.allclose(moved[0, 3], torch.tensor(2.0), atol=1e-5)
    assert not moved[0, [0, 1, 2, 4, 5, 6, 7]].any()


def test_files_that_are_no_directions_are_told_of(generator, tmp_path):
    def refused(match, error=LatentError, component=0, **tensors):
        path = tmp_path / "file.safetensors"
        save_file(tensors, path)
        with pytest.raises(error, match=match):
            read_direction(path, generator, component)

    refused(r"directions for random are \[24\].*made for another model", direction=torch.zeros(512))
    refused("directions of 18 rows, and random has 8", direction=torch.ones(2, 18, 24))
    four = torch.ones(4, 24)
    refused("contains 4 directions, so component is a number from 0 to 3, got 4", component=4, direction=four)
    refused("should hold one tensor.*it has a, b", a=torch.ones(24), b=torch.ones(24))
    refused("not finite", direction=torch.full((24,), float("nan")))
    refused("The direction is zero", direction=torch.zeros(24))
    (tmp_path / "x.npy").write_bytes(b"no")
    with pytest.raises(CheckpointError, match="can't be read as a numpy array"):
        read_direction(tmp_path / "x.npy", generator, 0)
    with pytest.raises(SoatError, match="component must be a number from 0 to 23"):
        find_direction(generator, "pca_w", 24)


def test_nothing_in_a_file_is_executed(generator, tmp_path):
    target = tmp_path / "soat_was_here"

    class Evil:
        def __reduce__(self):
            return (open, (str(target), "w"))

    (tmp_path / "evil.pt").write_bytes(pickle.dumps(Evil(), protocol=2))
    buffer = io.BytesIO()
    np.save(buffer, np.array([Evil()], dtype=object), allow_pickle=True)
    (tmp_path / "evil.npy").write_bytes(buffer.getvalue())
    torch.save({"direction": torch.ones(24), "evil": Evil()}, tmp_path / "half.pt")
    for name in ("evil.pt", "evil.npy", "half.pt"):
        with suppress(SoatError):
            read_direction(tmp_path / name, generator, 0)
    assert not target.exists()


def test_a_header_that_claims_too_much_is_found_out(generator, tmp_path):
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000), }"
    header += b" " * (118 - len(header) - 1) + b"\n"
    (tmp_path / "x.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(96))
    with pytest.raises(CheckpointError, match="can't be read as a numpy array"):
        read_direction(tmp_path / "x.npy", generator, 0)


def test_scaling_of_rows_that_are_zero_is_ignored(generator):
    rows = torch.zeros(8, 24)
    rows[2] = torch.randn(24, generator=torch.Generator().manual_seed(0))
    scaled = scaled_to_samples(generator, rows)
    alone = scaled_to_samples(generator, rows[2][None])
    assert scaled.deviation == pytest.approx(alone.deviation)
