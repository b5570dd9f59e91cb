"""Files that are no checkpoints of generators: archives, programs and failed downloads, each said to be what it is."""

import io
import pickle
import zipfile
from collections import OrderedDict

import pytest
import torch
from foreign import make_generator, rosinality_state, torch_bytes


def zipped(files: dict[str, bytes], method=zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zip_archives(refused, method):
    model = torch_bytes(rosinality_state(make_generator()))
    assert "zip archive with 'network.pkl' in it" in refused(zipped({"network.pkl": model, "a.txt": b""}, method))
    assert "zip archive with 'a/g.pt', 'b.pth' in it" in refused(zipped({"a/g.pt": model, "b.pth": model}, method))
    assert "not like those torch writes" in refused(zipped({"a.png": bytes(99)}, method))
    assert "numpy arrays (.npz)" in refused(zipped({"w.npy": bytes(99)}, method))


def test_programs_of_torch(refused):
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.trace(torch.nn.Conv2d(3, 3, 1), torch.zeros(1, 3, 4, 4)), buffer)
    message = refused(buffer.getvalue())
    assert "TorchScript archive" in message and "compressed" not in message
    assert "program of torch.export" in refused(zipped({"x/archive_format": b"pt2", "x/data/weights/0": b"1"}))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n<html><head><title>Quota exceeded", "This is a web page"),
        (b"\xef\xbb\xbf\r\n\t <!DOCTYPE html>", "This is a web page"),
        ("\n<HTML>".encode("utf-16"), "This is a web page"),
        (b" <!-- a --><html>", "This is a web page"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "a web page or an XML file"),
        (b"\nversion https://git-lfs.github.com/spec/v1", "Git LFS pointer"),
        (b"Entry not found", "text file that begins with 'Entry not found'"),
        (b"\x00\x01\x02", "not a checkpoint"),
    ],
)
def test_downloads_that_went_wrong(refused, content, message):
    assert message in refused(content)


@pytest.mark.parametrize("protocol", [0, 1])
def test_pickles_of_the_oldest_kind(refused, protocol):
    array = torch.ones(3).numpy()
    for content in ({"G_ema": array}, (OrderedDict(w=array), array), OrderedDict(w=array), array, [{"w": 1}]):
        assert "protocol 0 or 1" in refused(pickle.dumps(content, protocol))
    assert "text file that begins with '(code 404" in refused(b"(code 404\nnot there\n)")
