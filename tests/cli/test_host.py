import gc
import os
import pickle
import signal
import sys
import types
import weakref

import numpy as np
import pytest
import torch
from PIL import Image
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.soat_backend.support.errors import FeatureError, SoatError


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.setattr(host.folders, "_chosen_folders", {})
    monkeypatch.setattr(host.models, "BUNDLED_FOLDER", tmp_path / "bundled")
    for name in ("models/stylegan/sub", "models/lpips", "input/sub", "output", "bundled", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    host.set_folders(**{name: str(tmp_path / name) for name in ("models", "input", "output")})
    return tmp_path


def test_a_package_called_comfy_is_not_comfyui(monkeypatch):
    monkeypatch.setitem(sys.modules, "comfy", types.SimpleNamespace())
    assert not host.in_comfyui()
    monkeypatch.setitem(sys.modules, "folder_paths", types.SimpleNamespace())
    assert not host.in_comfyui()


def test_model_files_lists_the_folder_then_the_bundled(folders):
    for name in ("b.pt", "sub/a.safetensors", "notes.txt", "C.PKL", "d.ckpt"):
        (folders / "models/stylegan" / name).touch()
    (folders / "bundled/hills.safetensors").touch()
    (folders / "models/lpips/vgg.safetensors").touch()
    assert host.model_files("stylegan") == ["C.PKL", "b.pt", "d.ckpt", "sub/a.safetensors", "demo/hills.safetensors"]
    assert host.model_files("lpips") == ["vgg.safetensors"]


def test_model_files_without_any_folder(folders):
    host.set_folders(models=str(folders / "nowhere"))
    assert host.model_files("stylegan") == []


def test_model_path(folders):
    (folders / "models/stylegan/sub/a.safetensors").touch()
    (folders / "bundled/hills.safetensors").touch()
    assert host.model_path("stylegan", "sub/a.safetensors") == folders / "models/stylegan/sub/a.safetensors"
    assert host.model_path("stylegan", "demo/hills.safetensors") == folders / "bundled/hills.safetensors"
    with pytest.raises(SoatError, match=r"no model 'sub/b.safetensors'.*Did you mean 'sub/a.safetensors'"):
        host.model_path("stylegan", "sub/b.safetensors")


def test_a_bundled_generator_that_was_replaced_leads_to_its_successor(folders, monkeypatch):
    old, new = "demo/hills.safetensors", "demo/peaks.safetensors"
    monkeypatch.setattr(host.models, "SUCCESSORS", {old: new})
    (folders / "bundled/peaks.safetensors").touch()
    path = host.model_path("stylegan", old)
    assert path == host.model_path("stylegan", new) == folders / "bundled/peaks.safetensors"
    assert host.check_model("checkpoint", "stylegan", old) is True
    assert old not in host.model_files("stylegan")
    said = f"{new} has taken the place of {old}: its seeds and latents are other pictures."
    assert host.successor_note(old, path) == said
    assert host.successor_note(new, path) == ""


def test_who_kept_a_replaced_generator_goes_on_with_it(folders, monkeypatch):
    name = "demo/hills.safetensors"
    monkeypatch.setattr(host.models, "SUCCESSORS", {name: "demo/peaks.safetensors"})
    kept = folders / "models/stylegan" / name
    kept.parent.mkdir()
    for file in (kept, folders / "bundled/peaks.safetensors"):
        file.touch()
    assert host.model_path("stylegan", name) == kept and host.successor_note(name, kept) == ""


@pytest.mark.parametrize("name", ["../x.pt", "demo/../../x.pt", "/x.pt", "sub/../../x.pt"])
def test_model_names_stay_inside(folders, name):
    (folders / "x.pt").touch()
    (folders / "models/x.pt").touch()
    with pytest.raises(SoatError, match="outside its folder"):
        host.model_path("stylegan", name)


def test_model_links_that_leave_are_followed(folders):
    """As ComfyUI follows them: a user put them there, often to keep models on another disk."""
    stylegan = folders / "models/stylegan"
    (folders / "elsewhere/disk").mkdir()
    (folders / "elsewhere/x.pt").touch()
    (folders / "elsewhere/disk/y.pkl").touch()
    (folders / "elsewhere/disk/y.txt").touch()
    (stylegan / "x.pt").symlink_to(folders / "elsewhere/x.pt")
    (stylegan / "disk").symlink_to(folders / "elsewhere/disk")
    (stylegan / "round").symlink_to(stylegan)
    (stylegan / "gone.pt").symlink_to(folders / "nowhere.pt")
    assert host.model_files("stylegan") == ["disk/y.pkl", "x.pt"]
    assert host.model_path("stylegan", "x.pt") == stylegan / "x.pt"
    assert host.model_path("stylegan", "disk/y.pkl").is_file()
    for name in ("disk/../../x.pt", "../stylegan/x.pt"):
        with pytest.raises(SoatError, match="outside its folder"):
            host.model_path("stylegan", name)
    with pytest.raises(SoatError, match=r"no model 'gone\.pt'"):
        host.model_path("stylegan", "gone.pt")


def test_input_files_and_paths(folders):
    for name in ("input/b.png", "input/a.jpg", "input/a.txt", "input/sub/c.png", "output/d.png"):
        (folders / name).touch()
    assert host.input_files() == ["a.jpg", "a.txt", "b.png"]
    assert host.input_files({".png", ".jpg"}) == ["a.jpg", "b.png"]
    assert host.input_path("sub/c.png") == folders / "input/sub/c.png"
    assert host.input_path("d.png [output]") == folders / "output/d.png"
    assert host.input_path("b.png [input]") == folders / "input/b.png"
    with pytest.raises(SoatError, match=r"no file 'bb.png'.*Did you mean 'b.png'"):
        host.input_path("bb.png")
    with pytest.raises(SoatError, match="outside its folder"):
        host.input_path("../output/d.png")


def test_folders_come_from_the_command_line_then_the_environment_then_here(tmp_path, monkeypatch):
    monkeypatch.setattr(host.folders, "_chosen_folders", {})
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOAT_MODELS", raising=False)
    assert host.folder("models") == tmp_path / "models"
    monkeypatch.setenv("SOAT_MODELS", str(tmp_path / "env"))
    assert host.folder("models") == tmp_path / "env"
    host.set_folders(models=str(tmp_path / "given"), output=None)
    assert host.folder("models") == tmp_path / "given"


def test_output_path_stays_inside(folders):
    with host.output_path("a/b", ".safetensors") as path:
        assert path == folders / "output/a/b_00001_.safetensors" and path.is_file()
    with pytest.raises(SoatError, match="filename_prefix"), host.output_path("../b", ".png"):
        pass
    assert not (folders / "b_00001_.png").exists()


def test_device(monkeypatch):
    monkeypatch.setenv("SOAT_DEVICE", "meta")
    assert host.device() == torch.device("meta")
    monkeypatch.setenv("SOAT_DEVICE", "toaster")
    with pytest.raises(SoatError, match="SOAT_DEVICE is 'toaster'"):
        host.device()


def test_headless_loading_moves_the_module(monkeypatch):
    monkeypatch.setenv("SOAT_DEVICE", "meta")
    module = torch.nn.Sequential(torch.nn.Linear(2, 2))
    with torch.inference_mode():
        host.load_on_device(module)
    assert module[0].weight.device == torch.device("meta")
    assert not module[0].weight.is_inference()


class WithDevice(torch.nn.Module):
    """Like a generator: parts, and a read-only device."""

    def __init__(self):
        super().__init__()
        self.part = torch.nn.Linear(2, 2)

    @property
    def device(self):
        return self.part.weight.device


def test_loading_in_comfyui_uses_one_patcher_a_module_and_lets_it_go(comfyui):
    module = WithDevice()
    host.load_on_device(module, memory_required=1000)
    host.load_on_device(module)
    (first, options), (second, _) = comfyui.loaded
    assert first[0] is second[0]
    assert options == {"memory_required": 1000, "force_full_load": True}
    assert list(first[0].model.parameters()) == list(module.parameters())
    gone = weakref.ref(module)
    del module
    gc.collect()
    assert gone() is None


def test_two_generators_are_loaded_together(comfyui):
    """One after the other the second could push the first one off the device again."""
    first, second = WithDevice(), WithDevice()
    host.load_on_device(first, second, memory_required=7)
    ((patchers, options),) = comfyui.loaded
    assert [patcher.model.part for patcher in patchers] == [first.part, second.part]
    assert options["memory_required"] == 7


def test_folders_in_comfyui(comfyui, tmp_path):
    comfyui.folders["stylegan"] = ["from_yaml"]
    host.register_model_folders()
    assert comfyui.folders["stylegan"] == ["from_yaml", str(tmp_path / "models" / "stylegan")]
    (tmp_path / "from_yaml").mkdir()
    (tmp_path / "models/stylegan").mkdir(parents=True)
    (tmp_path / "elsewhere.pt").touch()
    (tmp_path / "from_yaml/linked.pt").symlink_to(tmp_path / "elsewhere.pt")
    assert host.model_path("stylegan", "linked.pt") == tmp_path / "from_yaml/linked.pt"
    assert "linked.pt" in host.model_files("stylegan")
    assert host.folder("temp") == tmp_path / "comfy_temp"
    with pytest.raises(SoatError, match=r"outside its folder .*stylegan, which"):
        host.model_path("stylegan", "../elsewhere.pt")
    with pytest.raises(SoatError, match=r"no model 'none\.pt'"):
        host.model_path("stylegan", "none.pt")


def test_progress_in_comfyui_draws_its_bar_and_stops_with_it(comfyui, monkeypatch):
    with host.Progress("rendering") as progress:
        progress(1, 4)
        picture = Image.new("RGB", (8, 8))
        progress(2, 4, lambda: picture)
        monkeypatch.setattr(host.progress, "_PREVIEW_SECONDS", 0.0)
        progress(3, 4, lambda: picture)
        progress(3, 4, lambda: None)
        # Not before its time, and only if there is something to see.
        assert comfyui.previews == [None, None, ("JPEG", picture, 512), None]
        assert comfyui.bars == [[(1, 4), (2, 4), (3, 4), (3, 4)]]
        comfyui.interrupt = True
        with pytest.raises(sys.modules["comfy.model_management"].InterruptProcessingException):
            progress(3, 4)


@pytest.mark.parametrize(
    ("size", "count", "shown"), [((64, 64), 1, (512, 512)), ((48, 96), 1, (240, 480)), ((64, 64), 5, (128, 128))]
)
def test_small_pictures_fill_their_node(comfyui, tmp_path, size, count, shown):
    """By whole steps, and a batch's as large as its square of pictures lets them be."""
    images = torch.rand(count, *size, 3, generator=torch.Generator().manual_seed(0))
    (first, *others) = host.save_previews(images, "soat/x", Image.Resampling.NEAREST)
    assert len(others) == count - 1
    with Image.open(tmp_path / "comfy_temp" / first["subfolder"] / first["filename"]) as picture:
        found = torch.from_numpy(np.asarray(picture).copy())
    assert tuple(found.shape) == (*shown, 3)
    step = shown[0] // size[0]
    assert torch.equal(found[::step, ::step], (images[0] * 255.0 + 0.5).to(torch.uint8))
    (small, *_) = host.save_previews(images, "soat/x")
    with Image.open(tmp_path / "comfy_temp" / small["subfolder"] / small["filename"]) as picture:
        assert picture.size == size[::-1]


def test_what_was_enlarged_smoothly_is_shown_as_jpeg(comfyui, tmp_path):
    """Near to the pixel as it was enlarged; squares and alpha stay exact."""
    image = torch.linspace(0, 1, 64)[None, :, None, None].expand(1, 64, 64, 3).contiguous()
    (smooth,) = host.save_previews(image, "soat/x", Image.Resampling.BICUBIC)
    (squares,) = host.save_previews(image, "soat/x", Image.Resampling.NEAREST)
    (clear,) = host.save_previews(torch.cat((image, image[..., :1]), -1), "soat/x", Image.Resampling.BICUBIC)
    ends = [each["filename"][-4:] for each in (smooth, squares, clear)]
    assert ends == [".jpg", ".png", ".png"]
    with Image.open(tmp_path / "comfy_temp" / smooth["subfolder"] / smooth["filename"]) as picture:
        found = np.asarray(picture).astype(int)
    pixels = Image.fromarray((image[0] * 255.0 + 0.5).to(torch.uint8).numpy())
    assert abs(found - np.asarray(pixels.resize((512, 512), Image.Resampling.BICUBIC))).max() <= 2


def test_words_on_a_node_are_said_now_and_then(comfyui, monkeypatch):
    said = []
    server = types.SimpleNamespace(send_progress_text=lambda text, node_id: said.append((node_id, text)))
    monkeypatch.setitem(
        sys.modules, "server", types.SimpleNamespace(PromptServer=types.SimpleNamespace(instance=server))
    )
    say = host.Words("7")
    say("one")
    say("too soon")
    monkeypatch.setattr(host.progress, "_PREVIEW_SECONDS", 0.0)
    say("last")
    host.Words(None)("nobody's")
    assert said == [("7", "one"), ("7", "last")]


@pytest.mark.parametrize("while_drawing", [False, True])
def test_a_wish_to_stop_in_comfyui_is_taken_note_of_once(while_drawing, comfyui, monkeypatch):
    """Whenever it comes: ComfyUI's own bar asks for it too, and raises."""

    def interrupt_and_draw(self, *args):
        comfyui.interrupt = True
        sys.modules["comfy.model_management"].throw_exception_if_processing_interrupted()

    with host.stoppable_progress("inverting", "stopping") as goes_on:
        assert goes_on(1, 4)
        comfyui.interrupt = not while_drawing
        with monkeypatch.context() as patch:
            if while_drawing:
                patch.setattr(sys.modules["comfy.utils"].ProgressBar, "update_absolute", interrupt_and_draw)
            assert not goes_on(2, 4)
    with host.Progress("going on") as progress:
        progress(1, 1)


@pytest.fixture
def heard_interrupts():
    """What a shell starts in the background ignores them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_wish_to_stop_headless_is_the_first_interrupt(caplog, heard_interrupts):
    before = signal.getsignal(signal.SIGINT)
    with host.stoppable_progress("inverting", "keeping the best") as goes_on:
        assert goes_on(1, 4)
        os.kill(os.getpid(), signal.SIGINT)
        assert not goes_on(2, 4) and not goes_on(3, 4)
        assert "keeping the best; once more stops at once" in caplog.text
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_progress_headless_is_silent_unless_asked_for(capsys, monkeypatch):
    monkeypatch.setattr(host.progress, "_shown", False)
    with host.Progress("rendering") as progress:
        progress(4, 4)
    assert capsys.readouterr() == ("", "")


def test_every_bundled_generator_that_is_offered_can_be_loaded():
    """And nothing else of the pack's own folder, such as the state of a training."""
    from soat.soat_backend.checkpoints import inspect_checkpoint

    offered = [name for name in host.model_files("stylegan") if name.startswith("demo/")]
    assert "demo/landscape_256.safetensors" in offered
    for name in offered:
        assert inspect_checkpoint(host.model_path("stylegan", name)).config.img_resolution >= 64
    for old, new in host.models.SUCCESSORS.items():
        assert new in offered and old not in offered


@pytest.mark.parametrize("kind", ["SampleLatent", "SampleLatentGrid", "SampleLatentSequence"])
def test_what_a_node_has_to_say_is_told_with_its_result(kind, comfyui, monkeypatch, make_generator):
    monkeypatch.setattr(host, "load_on_device", lambda *_: None)
    node, generator = NODE_CLASS_MAPPINGS[kind](), make_generator()
    work = getattr(node, node.FUNCTION)
    told = work(generator, class_idx=3)["ui"]["soat_text"]
    assert told == [f"{generator.name} has no classes: class_idx 3 is ignored."]
    assert work(generator)["ui"]["soat_text"] == [""]
    # ComfyUI tells it again after a run that found it done.
    assert node.HAS_INTERMEDIATE_OUTPUT


def test_comfyui_calls_errors_by_a_short_name(comfyui, monkeypatch):
    for error in (SoatError, FeatureError):
        monkeypatch.setattr(error, "__module__", error.__module__)  # Put back at the end.
    host.name_errors()
    assert {error.__module__ for error in (SoatError, FeatureError)} == {"soat"}


def test_headless_errors_keep_their_names_so_that_they_travel_between_processes():
    host.name_errors()
    assert isinstance(pickle.loads(pickle.dumps(FeatureError("a"))), FeatureError)
