"""Pictures from folders and renderers."""

import numpy as np
import pytest
from PIL import Image
from soat.soat_backend.support.errors import SoatError
from soat.soat_backend.training.data import ImageSet, load_square
from soat.soat_backend.training.options import TrainingError
from soat.soat_backend.training.renderers import stream


def save(path, colour, size):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)


def test_folder_is_read_with_subfolders_in_order(tmp_path):
    save(tmp_path / "in" / "b.png", (0, 0, 255), (20, 30))
    save(tmp_path / "in" / "a" / "c.jpg", (255, 255, 255), (40, 16))
    save(tmp_path / "in" / "c.PNG", (0, 255, 0), (8, 8))
    (tmp_path / "in" / "notes.txt").write_text("not a picture")
    images = ImageSet(str(tmp_path / "in"), 16, tmp_path / "cache").at(16)
    assert images.shape == (3, 16, 16, 3)
    assert images[:, 8, 8].tolist() == [[255, 255, 255], [0, 0, 255], [0, 255, 0]]


def test_central_square_is_cut(tmp_path):
    picture = np.zeros((8, 24, 3), np.uint8)
    picture[:, 8:16] = 200
    Image.fromarray(picture).save(tmp_path / "wide.png")
    assert (load_square(tmp_path / "wide.png", 8) == 200).all()


def test_lower_resolutions_are_box_averages_of_the_highest(tmp_path):
    pictures = ImageSet("procedural:landscape", 16, tmp_path, count=3, seed=2)
    assert np.array_equal(pictures.at(16), list(stream("landscape", 3, 16, seed=2)))
    expected = pictures.at(16).reshape(3, 8, 2, 8, 2, 3).astype(float).mean(axis=(2, 4))
    assert np.abs(pictures.at(8) - expected).max() <= 0.5


def test_more_renders_begin_with_those_that_are_there(tmp_path):
    fewer = {count: ImageSet("procedural:landscape", 16, tmp_path, count=count, seed=2).at(16) for count in (1, 3)}
    ImageSet("procedural:landscape", 16, tmp_path, count=4, seed=3).at(16)
    marked = np.lib.format.open_memmap(fewer[3].filename, "r+")
    marked[1] = 7
    marked.flush()
    more = ImageSet("procedural:landscape", 16, tmp_path, count=5, seed=2).at(16)
    expected = list(stream("landscape", 5, 16, seed=2))
    expected[1] = np.full((16, 16, 3), 7)
    assert np.array_equal(more, expected)


def test_cache_is_used_until_the_folder_changes(tmp_path):
    save(tmp_path / "in" / "a.png", (10, 10, 10), (8, 8))
    source, cache = str(tmp_path / "in"), tmp_path / "cache"
    ImageSet(source, 8, cache).at(8)
    (cached,) = cache.iterdir()
    written = cached.stat().st_mtime_ns
    ImageSet(source, 8, cache).at(8)
    assert cached.stat().st_mtime_ns == written
    save(tmp_path / "in" / "b.png", (20, 20, 20), (8, 8))
    assert ImageSet(source, 8, cache).at(8)[:, 0, 0, 0].tolist() == [10, 20]


def test_missing_empty_and_broken_sources_are_named(tmp_path):
    with pytest.raises(TrainingError, match="no folder"):
        ImageSet(str(tmp_path / "nowhere"), 8, tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(TrainingError, match="no images in it"):
        ImageSet(str(tmp_path / "empty"), 8, tmp_path)
    with pytest.raises(SoatError, match="'seascape'"):
        ImageSet("procedural:seascape", 8, tmp_path)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "torn.png").write_bytes(b"\x89PNG")
    with pytest.raises(TrainingError, match=r"torn\.png can't be read"):
        ImageSet(str(tmp_path / "broken"), 8, tmp_path / "cache").at(8)
    assert list((tmp_path / "cache").glob("*.npy")) == []
