"""Numbers as numpy pickles them: of all types, in both byte orders and of both spellings of its modules."""

import io
import pickle
import struct
from dataclasses import replace

import numpy as np
import pytest
import torch
from foreign import SMALL, assert_same_weights, make_generator, rosinality_state, tf_bytes
from soat.soat_backend.checkpoints import load_generator, read_generator
from soat.soat_backend.support.errors import CheckpointError

NEW, OLD = b"numpy._core.", b"numpy.core."


class Python2Pickler(pickle._Pickler):
    """Writes bytes as Python 2 did, where they were text."""

    dispatch = pickle._Pickler.dispatch.copy()

    def save_bytes(self, data):
        head = b"U" + bytes([len(data)]) if len(data) < 256 else b"T" + struct.pack("<i", len(data))
        self.write(head + data)
        self.memoize(data)

    dispatch[bytes] = save_bytes


def python2_dumps(content, protocol):
    buffer = io.BytesIO()
    Python2Pickler(buffer, 2).dump(content)
    return buffer.getvalue()


def respelled(content: bytes, new: bool) -> bytes:
    """With numpy's modules as numpy 1 or 2 calls them; names have a byte for their length before them, or none."""
    old, wanted = (OLD, NEW) if new else (NEW, OLD)
    for module in (b"multiarray", b"numeric"):
        name, other = old + module, wanted + module
        content = content.replace(bytes([len(name)]) + name, bytes([len(other)]) + other).replace(
            b"c" + name, b"c" + other
        )
    return content


STORED = {
    "as evaluated": lambda array: array[()],
    "arrays of no sides": lambda array: array,
    "float64": lambda array: array.astype(np.float64)[()],
    "big-endian": lambda array: array.astype(">f4"),
    "big-endian float64": lambda array: array.astype(">f8"),
    "big-endian float16": lambda array: array.astype(">f2"),
    "in Fortran's order": np.asfortranarray,
    "big-endian in Fortran's order": lambda array: np.asfortranarray(array.astype(">f4")),
    "plain numbers": lambda array: array.item() if array.ndim == 0 else array,
}


@pytest.mark.parametrize("how", STORED)
@pytest.mark.parametrize("protocol", [2, 4, 5, "python 2"])
@pytest.mark.parametrize("new", [False, True])
def test_tensorflow_variables(tmp_path, how, protocol, new):
    """All weights of this generator are multiples of 1/64 that float16 holds."""
    generator = make_generator(replace(SMALL, c_dim=3))
    old_python = protocol == "python 2"
    content = tf_bytes(
        generator,
        protocol=2 if old_python else protocol,
        stored=STORED[how],
        dump=python2_dumps if old_python else pickle.dumps,
    )
    path = tmp_path / "x.pkl"
    path.write_bytes(respelled(content, new))
    assert (NEW if new else OLD) in path.read_bytes() and (OLD if new else NEW) not in path.read_bytes()
    loaded = load_generator(path)
    for name, tensor in generator.state_dict().items():
        assert torch.equal(loaded.state_dict()[name].float(), tensor), name


@pytest.mark.parametrize(
    "value", [np.float16(0.5), np.float64(0.1), np.int64(2), np.uint16(3), np.int8(-1), True, 2, 0.25]
)
def test_numbers_of_any_type(tmp_path, value):
    generator = make_generator()
    (tmp_path / "x.pkl").write_bytes(tf_bytes(generator, extra={"8x8/Conv1/noise_strength": value}))
    strength = load_generator(tmp_path / "x.pkl").synthesis.b8.conv1.noise_strength
    assert strength.shape == () and strength.dtype == torch.float32
    assert strength.item() == np.float32(value)
    (tmp_path / "x.pkl").write_bytes(tf_bytes(generator, extra={"8x8/Conv1/noise_strength": np.array(value)}))
    assert load_generator(tmp_path / "x.pkl").synthesis.b8.conv1.noise_strength.item() == np.float32(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.array(["a", "b"]), "holds text"),
        (np.array([b"a"]), "holds text"),
        (np.array([None, 1], dtype=object), "holds Python objects"),
        (np.zeros(10, dtype=[("a", "f4"), ("b", "i4")]), "holds records of several values"),
        (np.zeros(10, dtype="c8"), "holds complex numbers"),
        (np.zeros(10, dtype="M8[s]"), "holds dates"),
        (np.zeros(10, dtype="i4"), "is stored as int32"),
        (np.str_("x"), "holds text"),
        (np.zeros(1, dtype=[("a", "f4")])[0], "holds records"),
    ],
)
def test_what_is_no_number_is_said_to_be_none(tmp_path, value, message):
    (tmp_path / "x.pkl").write_bytes(tf_bytes(make_generator(), extra={"8x8/Conv1/bias": value}))
    with pytest.raises(CheckpointError, match=message) as caught:
        load_generator(tmp_path / "x.pkl")
    assert "damaged" not in str(caught.value)


def test_a_number_that_nobody_knows_is_a_variable_all_the_same(tmp_path):
    (tmp_path / "x.pkl").write_bytes(tf_bytes(make_generator(), extra={"8x8/Conv1/strength": np.float32(0.5)}))
    with pytest.raises(CheckpointError, match=r"no StyleGAN2.*8x8/Conv1/strength"):
        load_generator(tmp_path / "x.pkl")


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("code_base", ["nvidia", "rosinality"])
def test_state_dicts_of_numpy_arrays(tmp_path, protocol, code_base):
    """Numbers among them are weights where one is missing, and settings otherwise."""
    generator = make_generator()
    state = dict(generator.state_dict()) if code_base == "nvidia" else dict(rosinality_state(generator))
    content = {name: tensor.numpy()[()] for name, tensor in state.items()}
    content |= {"learning_rate": 0.002, "step": 3, "psnr": np.float32(1.5), "done": True}
    (tmp_path / "x.pkl").write_bytes(pickle.dumps(content, protocol))
    loaded = read_generator(tmp_path / "x.pkl")
    assert_same_weights(loaded.generator, generator, skip={"mapping.w_avg"} if code_base == "rosinality" else ())


@pytest.mark.parametrize("names", [("G", "D", "Gs"), ("E", "G", "D", "Gs"), ("Gs", "D")])
def test_the_last_generator_of_a_tensorflow_pickle_counts(tmp_path, names):
    generator = make_generator()

    def dump(content, protocol):
        networks = {"E": content[1], "G": content[0], "D": content[1], "Gs": content[2]}
        return pickle.dumps(tuple(networks[name] for name in names), protocol)

    (tmp_path / "x.pkl").write_bytes(tf_bytes(generator, dump=dump))
    assert_same_weights(load_generator(tmp_path / "x.pkl"), generator)


@pytest.mark.parametrize(
    "settings",
    [
        {"mapping_lrmul": np.float32(0.01)},
        {"use_noise": np.bool_(True)},
        {"resample_kernel": (1, 3, 3, 1)},
        {"resample_kernel": [0.125, 0.375, 0.375, 0.125]},
        {"resample_kernel": np.array([1, 3, 3, 1])},
        {"resolution": np.int64(32)},
    ],
)
def test_settings_may_be_numpys_too(tmp_path, settings):
    (tmp_path / "x.pkl").write_bytes(tf_bytes(make_generator(), **settings))
    assert_same_weights(load_generator(tmp_path / "x.pkl"), make_generator())


@pytest.mark.parametrize(
    "kernel", [None, [1, 1], [1, 3, 3], [1, 3, 3, 2], [0, 0, 0, 0], np.ones(4), "1331", [1, 3, None, 1]]
)
def test_filters_that_are_others(tmp_path, kernel):
    (tmp_path / "x.pkl").write_bytes(tf_bytes(make_generator(), resample_kernel=kernel))
    with pytest.raises(CheckpointError, match=r"another filter than \[1, 3, 3, 1\]"):
        load_generator(tmp_path / "x.pkl")
