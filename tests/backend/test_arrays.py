"""numpy's files: every kind of number in every order, and nothing that a file could make us run or hold."""

from __future__ import annotations

import io
import pickle
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
import torch
from soat.soat_backend.latents.arrays import read_arrays
from soat.soat_backend.support.errors import CheckpointError

ARRAY = np.random.RandomState(0).randn(3, 1, 8).astype(np.float32)


def read(path, choose=list, most_bytes=1 << 20):
    return read_arrays(path, most_bytes, choose)


def with_header(path, header: str, data: bytes = b"", version=1):
    text = header.encode("latin-1")
    size = struct.pack("<H" if version == 1 else "<I", len(text))
    path.write_bytes(b"\x93NUMPY" + bytes([version, 0]) + size + text + data)
    return path


@pytest.mark.parametrize("kind", ["<f2", "<f4", "<f8", ">f2", ">f4", ">f8", "<i2", ">i4", "<i8", "|i1", "|u1", "|b1"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_all_kinds_of_numbers(tmp_path, kind, order, save):
    array = np.asarray(np.random.RandomState(1).randn(3, 4, 5) * 3, order=order).astype(kind, order="K")
    np.save(tmp_path / "a.npy", array)
    save(tmp_path / "a.npz", first=array, second=ARRAY)
    expected = torch.from_numpy(array.astype(np.float32, order="C"))
    (alone,) = read(tmp_path / "a.npy").values()
    both = read(tmp_path / "a.npz")
    assert list(both) == ["first", "second"] and torch.equal(both["second"], torch.from_numpy(ARRAY))
    for found in (alone, both["first"]):
        assert found.dtype == torch.float32 and found.is_contiguous() and torch.equal(found, expected)


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 1, 8), }   \n",
        "{'shape': (3L, 1L, 8L), 'fortran_order': False, 'descr': '<f4'}\n",
        '{"descr":"<f4","fortran_order":False,"shape":(3,1,8)}',
    ],
)
def test_headers_as_they_are_written(tmp_path, header, version):
    """By numpy, by Python 2's, and by programs in other languages; versions 2 and 3 have longer ones."""
    found = read(with_header(tmp_path / "a.npy", header, ARRAY.tobytes(), version))[""]
    assert torch.equal(found, torch.from_numpy(ARRAY))


def test_names_that_were_mixed_up(tmp_path):
    np.save(tmp_path / "a.npy", ARRAY)
    (tmp_path / "a.npy").rename(tmp_path / "b.npz")
    np.savez(tmp_path / "c.npz", x=ARRAY)
    (tmp_path / "c.npz").rename(tmp_path / "d.npy")
    np.save(tmp_path / "e.npy", ARRAY)
    (tmp_path / "e.npy").rename(tmp_path / "f.pt")
    for name in ("b.npz", "d.npy", "f.pt"):
        (found,) = read(tmp_path / name).values()
        assert torch.equal(found, torch.from_numpy(ARRAY))


def test_only_what_is_chosen_is_read(tmp_path):
    np.savez(tmp_path / "a.npz", large=np.zeros(1 << 18, np.float32), w=ARRAY, names=np.array(["x", None], object))
    seen = {}
    found = read(tmp_path / "a.npz", lambda shapes: seen.update(shapes) or ["w"], most_bytes=1 << 10)
    assert seen == {"large": (1 << 18,), "w": (3, 1, 8)} and list(found) == ["w"]
    with pytest.raises(CheckpointError, match=r"a\.npz: An array of 1 MB is more than was expected"):
        read(tmp_path / "a.npz", most_bytes=1 << 10)


def test_all_together_may_take_no_more_either(tmp_path):
    np.savez(tmp_path / "a.npz", **{f"w{index}": ARRAY for index in range(4)})
    assert len(read(tmp_path / "a.npz", most_bytes=4 * ARRAY.nbytes)) == 4
    with pytest.raises(CheckpointError, match="more than was expected"):
        read(tmp_path / "a.npz", most_bytes=4 * ARRAY.nbytes - 1)


class Evil:
    """Writes a file if it is ever unpickled."""

    target = ""

    def __reduce__(self):
        return (open, (Evil.target, "w"))


@pytest.mark.parametrize(
    "array",
    [
        np.array([Evil()], dtype=object),
        np.array(["text"]),
        np.array([b"bytes"]),
        np.zeros(3, dtype=[("a", "<f4"), ("b", "<f4")]),
        np.zeros(3, np.complex64),
        np.zeros(3, np.longdouble),
        np.zeros(3, "datetime64[s]"),
    ],
    ids=lambda array: str(array.dtype),
)
def test_what_is_no_numbers_is_refused(tmp_path, array):
    Evil.target = str(tmp_path / "soat_was_here")
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    np.savez(tmp_path / "a.npz", w=array)
    for name in ("a.npy", "a.npz"):
        with pytest.raises(CheckpointError, match=r"numpy array of numbers: it holds objects, text.*astype"):
            read(tmp_path / name)
    assert not (tmp_path / "soat_was_here").exists()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': __import__('os'), 'shape': (3,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3 3,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + "9" * 6000 + ",)}",
        "{'descr': '<f1', 'fortran_order': False, 'shape': (3,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4,)}",
        "(" * 9000,
    ],
    ids=lambda header: header[:90],
)
def test_headers_that_lie(tmp_path, header):
    path = with_header(tmp_path / "a.npy", header, bytes(12))
    with pytest.raises(CheckpointError, match=r"^a\.npy: "):
        read(path)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.write(path, "w.npy")
    with pytest.raises(CheckpointError, match=r"^a\.npz: "):
        read(tmp_path / "a.npz")


def test_files_that_were_cut(tmp_path):
    np.save(tmp_path / "a.npy", ARRAY)
    np.savez(tmp_path / "a.npz", w=ARRAY)
    for name in ("a.npy", "a.npz"):
        whole = (tmp_path / name).read_bytes()
        for length in (1, 2, 5, 7, 9, 11, 60, len(whole) // 2, len(whole) - 1):
            (tmp_path / name).write_bytes(whole[:length])
            with pytest.raises(CheckpointError):
                read(tmp_path / name)


def test_archives_that_were_damaged_anywhere(tmp_path):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, w=ARRAY)
    whole, path = buffer.getvalue(), tmp_path / "a.npz"
    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x55]) + whole[position + 1 :])
        try:
            (found,) = read(path).values()
        except (CheckpointError, ValueError):
            continue
        assert found.numel() <= ARRAY.size


def archive(path, content: bytes, method, name="w.npy"):
    with zipfile.ZipFile(path, "w", method) as file:
        file.writestr(name, content)
    return path


def npy(array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_ways_to_compress_that_numpy_has_not(tmp_path, method):
    with pytest.raises(CheckpointError, match="compressed in a way that numpy never does"):
        read(archive(tmp_path / "a.npz", npy(ARRAY), method))


def test_archives_that_blow_up(tmp_path):
    bomb = archive(tmp_path / "a.npz", npy(np.zeros(1 << 24, np.float32)), zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    with pytest.raises(CheckpointError, match="would be 64 MB, and takes"):
        read(bomb, most_bytes=1 << 30)
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()
    # Codes that repeat are no bomb.
    np.savez_compressed(tmp_path / "b.npz", w=np.zeros((8, 512)))
    assert not read(tmp_path / "b.npz")["w"].any()


def test_a_directory_of_very_many(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        for index in range(1001):
            file.writestr(f"{index}.npy", b"")
    with pytest.raises(CheckpointError, match="more arrays than a file of codes"):
        read(tmp_path / "a.npz")


def test_an_archive_without_arrays(tmp_path):
    torch.save(torch.ones(3), tmp_path / "a.pt")
    (tmp_path / "a.pt").rename(tmp_path / "a.npz")
    with pytest.raises(CheckpointError, match=r"let its name end in \.pt"):
        read(tmp_path / "a.npz")
    with zipfile.ZipFile(tmp_path / "c.npz", "w") as file:
        file.writestr("c.txt", b"3")
    assert read(tmp_path / "c.npz") == {}
    (tmp_path / "b.npy").write_bytes(pickle.dumps(3, protocol=2))
    with pytest.raises(CheckpointError, match="it doesn't begin as one"):
        read(tmp_path / "b.npy")
