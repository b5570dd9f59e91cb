"""Small files that ask for much: copies, colliding keys, long names, and values that are stored in disguise."""

import sys

import pytest
import torch
from soat.soat_backend.checkpoints.containers.blob import Cursor, open_regular_file
from soat.soat_backend.checkpoints.containers.inert import OpaqueKey, answer_call, plain_key
from soat.soat_backend.checkpoints.containers.pickle_machine import MAX_LISTED
from soat.soat_backend.checkpoints.containers.pickle_reader import read_pickle
from soat.soat_backend.checkpoints.containers.torch_reader import TORCH_CALLS, Storage
from soat.soat_backend.generators.stylegan2.layer_table import stylegan2_layers
from soat.soat_backend.support.errors import CheckpointError, SoatError


def read(tmp_path, data: bytes):
    path = tmp_path / "hostile.pkl"
    path.write_bytes(data)
    with open_regular_file(path) as file:
        return read_pickle(Cursor(file), {})


def test_a_dictionary_made_of_another_is_no_copy():
    original = {"a": 1}
    assert answer_call("collections.OrderedDict", (original,), {}) is original


def test_dictionaries_made_of_one_list_over_and_over(tmp_path):
    items = 1000
    make_list = b"]q\x01(" + b"K\x00K\x01\x86" * items + b"e0"
    once = b"h\x00h\x01\x85R0"
    ordinary = b"\x80\x02ccollections\nOrderedDict\nq\x000" + make_list + once * 3 + b"N."
    assert read(tmp_path, ordinary) is None
    absurd = ordinary.removesuffix(b"N.") + once * (MAX_LISTED // items) + b"N."
    with pytest.raises(CheckpointError, match="over and over"):
        read(tmp_path, absurd)


def test_keys_that_can_be_chosen_to_collide_are_not_hashed():
    modulus = sys.hash_info.modulus
    assert plain_key(modulus - 1) == modulus - 1
    assert plain_key("x") == "x"
    for key in (modulus, -modulus, 0.5, (1, 2)):
        assert isinstance(plain_key(key), OpaqueKey)


def test_class_names_of_absurd_length(tmp_path):
    with pytest.raises(CheckpointError, match="absurd length"):
        read(tmp_path, b"\x80\x02c" + b"a" * 600 + b"\n" + b"b" * 600 + b"\n.")


def test_a_tensor_that_is_stored_negated_is_none():
    rebuild = TORCH_CALLS["torch._utils._rebuild_tensor_v2"]
    storage = Storage("0", torch.float32, 4)
    assert rebuild((storage, 0, (4,), (1,), False, {})) is not None
    assert rebuild((storage, 0, (4,), (1,), False, {}, {})) is not None
    assert rebuild((storage, 0, (4,), (1,), False, {}, {"neg": True})) is None


def test_a_resolution_beyond_all_models_is_refused_at_once():
    with pytest.raises(SoatError, match="power of two from 4 to"):
        stylegan2_layers(2**14000)
