import os

import pytest
from soat.soat_backend.support.errors import SoatError
from soat.soat_backend.support.files import confined_path, reserved_file


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "a/../../x",
        "a/..",
        "/etc/x",
        "\\\\host\\x",
        "C:\\x",
        "c:x",
        "..",
        "",
        "a\0b",
        "a\nb",
        "..\\x",
        "~/x",
        ".",
        "a\ud800b",
        "a/\udfff",
        "a\udc80",
    ],
)
def test_names_that_lead_out_are_refused(tmp_path, name):
    with pytest.raises(SoatError, match="file name"):
        confined_path(tmp_path, name)


def reserve(*args, **more):
    with reserved_file(*args, **more) as path:
        return path


def test_links_that_lead_out_are_refused(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "folder").symlink_to(outside)
    (inside / "file").symlink_to(outside / "x")
    for name in ("folder/y", "file"):
        with pytest.raises(SoatError, match="symbolic link"):
            confined_path(inside, name)
    with pytest.raises(SoatError, match="symbolic link"):
        reserve(inside, "folder/pic", ".png")
    assert os.listdir(outside) == []


def test_names_inside(tmp_path):
    assert confined_path(tmp_path, "a/b c/..d.png") == tmp_path / "a" / "b c" / "..d.png"


@pytest.mark.parametrize(
    ("prefix", "trouble"),
    [
        ("aux.png", "'aux.png_' is the name of a device"),
        ("a/NUL/x", "'NUL' is the name of a device"),
        ("Com1 .x/y", "'Com1 .x' is the name of a device"),
        ("lpt\u00b2/y", "'lpt\u00b2' is the name of a device"),
        ("abc:stream", "'abc:stream_' has the character :, which isn't allowed"),
        ('say "hi"', "'say \"hi\"_' has the character \", which isn't allowed"),
        ("what?/x", "'what?' has the character ?, which isn't allowed"),
        ("a./x", "'a.' ends in a dot or a space, which is dropped"),
        ("b/a /x", "'a ' ends in a dot or a space, which is dropped"),
        ("a \\x", "'a ' ends in a dot or a space, which is dropped"),
    ],
)
def test_names_that_windows_cant_store_are_written_nowhere(tmp_path, prefix, trouble):
    with pytest.raises(SoatError) as error:
        reserve(tmp_path, prefix, ".png")
    assert str(error.value) == (
        f"The filename_prefix {prefix!r} won't work on Windows, where {trouble}; choose another name."
    )
    assert os.listdir(tmp_path) == []


def test_names_that_only_resemble_those(tmp_path):
    for prefix in ("aux", "auxiliary/com10", "a.b", "v1.", "con_", "nulls.x", "..d/e", "end "):
        assert reserve(tmp_path, prefix, ".png") == tmp_path / f"{prefix}_00001_.png"


def test_files_of_any_name_can_be_read(tmp_path):
    assert confined_path(tmp_path, "at 12:30?.png") == tmp_path / "at 12:30?.png"


def test_numbers_go_on_from_what_is_there(tmp_path):
    assert reserve(tmp_path, "pic", ".png").name == "pic_00001_.png"
    assert reserve(tmp_path, "pic", ".png").name == "pic_00002_.png"
    (tmp_path / "pic_00041_.webp").touch()
    (tmp_path / "pic_notanumber_.png").touch()
    (tmp_path / "picture_00099_.png").touch()
    assert reserve(tmp_path, "pic", ".png").name == "pic_00042_.png"
    assert reserve(tmp_path, "sub/pic", ".png") == tmp_path / "sub" / "pic_00001_.png"


def test_an_existing_link_is_never_written_through(tmp_path):
    (tmp_path / "b0_00001_.png").symlink_to(tmp_path / "victim")
    assert reserve(tmp_path, "b%batch_num%", ".png").name == "b0_00002_.png"
    assert not (tmp_path / "victim").exists()


def test_patterns(tmp_path):
    path = reserve(tmp_path, "%width%x%height%_%batch_num%_%year%", ".png", width=64, height=32, batch_number=3)
    assert path.name.startswith("64x32_3_20")
