"""NVIDIA's TensorFlow pickles as its own code wrote them, and its own pictures of them (see tensorflow/README.md)."""

from pathlib import Path

import numpy as np
import pytest
import torch
from foreign import assert_same_weights
from soat.soat_backend.checkpoints import convert_checkpoint, inspect_checkpoint, load_generator
from soat.soat_backend.latents.latent import to_styles
from soat.soat_backend.latents.sampling import sample
from soat.soat_backend.optimise.reconstruction import reconstruct

FILES = Path(__file__).parent / "tensorflow"
SG2 = {"img_resolution": 16, "channels": {4: 6, 8: 6, 16: 3}, "z_dim": 12, "w_dim": 12, "c_dim": 0}
CONFIGS = {
    "sg2_config_f": {**SG2, "img_resolution": 32, "channels": {4: 6, 8: 6, 16: 4, 32: 2}, "mapping_layers": 8},
    "sg2_numpy_2": {**SG2, "mapping_layers": 2},
    "sg2_only_gs": {**SG2, "mapping_layers": 2},
    "ada_clamped": {**SG2, "mapping_layers": 2, "conv_clamp": 1.5},
    "ada_conditional": {**SG2, "mapping_layers": 4, "c_dim": 5},
    "ada_narrow_mapping": {**SG2, "mapping_sizes": (12, 8, 8, 12)},
    "ada_wide_mapping": {**SG2, "mapping_sizes": (10 + 7, 20, 20, 20, 14), "z_dim": 10, "w_dim": 14, "c_dim": 5},
    "ada_one_layer": {**SG2, "mapping_sizes": (12, 10), "w_dim": 10},
}
# Their pickle protocol, and where their numpy keeps its functions.
WRITTEN = {
    "sg2_config_f": (4, b"numpy.core.multiarray"),
    "sg2_numpy_2": (5, b"numpy._core.numeric"),
    "sg2_only_gs": (5, b"numpy.core.numeric"),
    "ada_clamped": (3, b"numpy.core.multiarray"),
    "ada_conditional": (4, b"numpy._core.multiarray"),
    "ada_narrow_mapping": (3, b"numpy.core.multiarray"),
    "ada_wide_mapping": (3, b"numpy.core.multiarray"),
    "ada_one_layer": (3, b"numpy.core.multiarray"),
}


def picture(path: Path) -> np.ndarray:
    """`[1, 3, R, R]` of seed 5, of class 3 where there are classes."""
    generator = load_generator(path)
    with torch.inference_mode():
        latent = sample(generator, 5, truncation_psi=0.7, class_idx=3 if generator.config.c_dim else -1, rng="numpy")
        return reconstruct(generator, to_styles(generator, latent)).picture.numpy()


def test_every_file_is_tried_and_is_what_it_is_said_to_be():
    files = {path.stem: path.read_bytes() for path in FILES.glob("*.pkl")}
    assert sorted(CONFIGS) == sorted(WRITTEN) == sorted(files)
    for name, (protocol, numpy_module) in WRITTEN.items():
        assert files[name][:2] == bytes([0x80, protocol]), name
        assert numpy_module in files[name], name
        assert b"scalar" in files[name], "its noise strengths are numpy.float32"


@pytest.mark.parametrize("name", CONFIGS)
def test_the_picture_is_nvidias_own(name):
    expected = np.load(FILES / f"{name}.npy")
    image = picture(FILES / f"{name}.pkl")
    assert image.shape == expected.shape
    error = np.abs(image - expected).max()
    assert error <= 1e-4, f"max error {error:.2e}"


@pytest.mark.parametrize("name", CONFIGS)
def test_the_configuration(name):
    info = inspect_checkpoint(FILES / f"{name}.pkl")
    assert info.format == "TensorFlow pickle"
    for field, value in CONFIGS[name].items():
        assert getattr(info.config, field) == value, field


@pytest.mark.parametrize("name", CONFIGS)
def test_our_own_file_of_it_makes_the_same_picture(tmp_path, name):
    source, out = FILES / f"{name}.pkl", tmp_path / "out.safetensors"
    convert_checkpoint(source, out)
    assert_same_weights(load_generator(out), load_generator(source))
    assert np.array_equal(picture(out), picture(source))
