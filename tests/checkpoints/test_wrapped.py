"""Generators as people have them: under prefixes, in dicts in dicts, beside other networks, averaged or not."""

import argparse
from collections import OrderedDict

import pytest
import torch
from foreign import (
    SMALL,
    assert_same_weights,
    basicsr_state,
    make_generator,
    nvidia_bytes,
    nvidia_module,
    put_inside,
    rosinality_state,
    torch_bytes,
)
from safetensors.torch import save_file
from soat.soat_backend.checkpoints import convert_checkpoint, inspect_checkpoint, load_generator, read_generator
from soat.soat_backend.checkpoints.containers.unwrap import CONSTANTS, averaged_parts
from soat.soat_backend.checkpoints.formats import genforce, mmgeneration
from soat.soat_backend.checkpoints.formats.rosinality import BASICSR, ROSINALITY
from soat.soat_backend.support.errors import CheckpointError

DISCRIMINATOR = {"convs.0.0.weight": torch.zeros(3, 3), "final_linear.0.weight": torch.zeros(2)}
COUNTED = {"n_averaged": torch.tensor(7)}


def nvidia_state(generator):
    return OrderedDict((name, tensor.clone()) for name, tensor in generator.state_dict().items())


def rosinality_with_average(generator):
    return {**rosinality_state(generator), "latent_avg": generator.mapping.w_avg.clone()}


STATES = {"nvidia": nvidia_state, "rosinality": rosinality_with_average, "basicsr": basicsr_state}


def under(prefix, state):
    return {f"{prefix}{name}": tensor for name, tensor in state.items()}


@pytest.fixture
def same_as_plain(tmp_path):
    """Checks that a file gives the very generator of the bare state dict in a file of its own; returns its notes."""

    def check(plain, content) -> dict[str, str]:
        for name, tree in (("plain", plain), ("wrapped", content)):
            torch.save(tree, tmp_path / name)
        # A mean of w that neither file has is left at zero; estimating it takes time.
        expected, loaded = (read_generator(tmp_path / name, sample=False) for name in ("plain", "wrapped"))
        assert_same_weights(loaded.generator, expected.generator)
        assert loaded.generator.config == expected.generator.config
        return loaded.notes

    return check


def test_every_code_base_has_a_constant_to_be_found_by():
    others = {"synthesis.b4.const", "synthesis.input.freqs", mmgeneration._CONSTANT, genforce._CONSTANT}
    assert {ROSINALITY.const, BASICSR.const, *others} == set(CONSTANTS)


@pytest.mark.parametrize("code_base", STATES)
@pytest.mark.parametrize(
    "prefix",
    [
        "generator.",
        "G.",
        "G_ema.",
        "g_ema.",
        "netG.",
        "module.",
        "_orig_mod.",
        "_orig_mod.module.generator.",
        "module.module.",
        "whatever.people.call.it.",
    ],
)
def test_prefixes(same_as_plain, code_base, prefix):
    plain = STATES[code_base](make_generator())
    notes = same_as_plain(plain, under(prefix, plain))
    assert notes["taken from"] == prefix.removesuffix(".")
    beside = {f"D.{name}": tensor for name, tensor in DISCRIMINATOR.items()}
    assert same_as_plain(plain, {**beside, **under(prefix, plain)})["taken from"] == prefix.removesuffix(".")


@pytest.mark.parametrize("code_base", STATES)
@pytest.mark.parametrize(
    "keys",
    [
        ["model"],
        ["model_state_dict"],
        ["netG"],
        ["generator"],
        ["state_dict"],
        ["ema"],
        ["weights"],
        ["state_dict", "generator"],
        ["checkpoint", "models", "g", "params"],
    ],
)
def test_dicts_around_it(same_as_plain, code_base, keys):
    plain = STATES[code_base](make_generator())
    content = under("module.", plain)
    for key in reversed(keys):
        content = {"epoch": 3, "d": DISCRIMINATOR, key: content, "optimizer": {"state": {0: {"step": 5}}}}
    assert same_as_plain(plain, content)["taken from"] == ".".join([*keys, "module"])


@pytest.mark.parametrize("code_base", STATES)
@pytest.mark.parametrize(
    ("current", "averaged"),
    [
        ("g", "g_ema"),
        ("G", "G_ema"),
        ("generator", "generator_ema"),
        ("params", "params_ema"),
        ("state_dict", "ema_state_dict"),
        ("model", "model_avg"),
        ("G", "Gs"),
        ("net_g", "EMA.module"),
        ("generator", "g_running"),
    ],
)
def test_the_averaged_one_is_preferred_wherever_it_is(same_as_plain, code_base, current, averaged):
    write = STATES[code_base]
    plain, other = write(make_generator()), write(make_generator(seed=1))
    for content in (
        {current: other, averaged: plain},
        {averaged: plain, current: other},
        {**under(f"{current}.", other), **under(f"{averaged}.", plain)},
        {"state_dict": {**under(f"{averaged}.", plain), **under(f"{current}.", other)}},
        {current: other, "averages": {averaged: plain}},
    ):
        notes = same_as_plain(plain, content)
        assert averaged in notes["taken from"] and f"not from {current}" in notes["taken from"].replace(
            "state_dict.", ""
        )


@pytest.mark.parametrize(
    "name",
    ["g_ema", "netG.ema", "EMA", "modelEMA.module", "emaG", "G_avg", "g_running", "x.Gs", "piano_ema", "PIANO_EMA"],
)
def test_names_of_averages(name):
    assert averaged_parts(name) == 1


@pytest.mark.parametrize("name", ["G", "generator", "remap", "state_dict.module", "params", "Gsynthesis", ""])
def test_names_that_are_none_of_averages(name):
    assert averaged_parts(name) == 0


@pytest.mark.parametrize(
    "name",
    ["G_without_ema", "G_no_ema", "noavg", "NoEMA", "modelNoEma", "non-ema", "unsmoothed", "not_averaged", "un_avg.G"],
)
def test_names_that_say_they_are_no_average(name):
    assert averaged_parts(name) == 0


@pytest.mark.parametrize(
    ("location", "count"),
    [("ema.ema_model", 2), ("ema.online_model", 1), ("ema.G_no_ema", 1), ("no_ema.g_ema", 1), ("a.ema.Gs.G_avg", 3)],
)
def test_each_part_of_a_location_counts(location, count):
    assert averaged_parts(location) == count


@pytest.mark.parametrize("code_base", STATES)
@pytest.mark.parametrize(
    ("current", "averaged"),
    [
        ("ema.online_model", "ema.ema_model"),  # of the library ema-pytorch
        ("ema_training.G", "ema_training.G_ema"),
        ("G_without_ema", "some.avg"),
        ("unsmoothed", "deep.inside.g_ema"),
        ("history.ema", "g_ema"),
    ],
)
def test_the_one_called_averaged_most_often_is_taken(same_as_plain, code_base, current, averaged):
    """As prefixes and as dicts, in any order; of two called so equally often, the one with less around it."""
    write = STATES[code_base]
    plain, other = write(make_generator()), write(make_generator(seed=1))
    for first, second in (((current, other), (averaged, plain)), ((averaged, plain), (current, other))):
        flat = {**under(f"{first[0]}.", first[1]), **under(f"{second[0]}.", second[1])}
        assert same_as_plain(plain, flat)["taken from"] == f"{averaged}, not from {current}"
        nested: dict = {}
        for location, state in (first, second):
            *outer, last = location.split(".")
            group = nested
            for key in outer:
                group = group.setdefault(key, {})
            group[last] = state
        assert same_as_plain(plain, nested)["taken from"] == f"{averaged}, not from {current}"


def test_ema_pytorch_beside_the_trained_generator(same_as_plain):
    plain, online, trained = (rosinality_with_average(make_generator(seed=seed)) for seed in range(3))
    state = {
        **under("G.", trained),
        "ema.initted": torch.tensor(True),
        **under("ema.online_model.", online),
        **under("ema.ema_model.", plain),
    }
    notes = same_as_plain(plain, {"state_dict": state})
    assert notes["taken from"] == "state_dict.ema.ema_model, not from state_dict.G, state_dict.ema.online_model"


@pytest.mark.parametrize("prefixes", [("", "module.module."), ("module.", "module.module."), ("", "module._orig_mod.")])
def test_averaged_model_of_torch_around_or_inside_other_wrappers(same_as_plain, prefixes):
    plain, other = nvidia_state(make_generator()), nvidia_state(make_generator(seed=1))
    counter, names = prefixes
    averaged = {**under(counter, COUNTED), **under(names, plain)}
    same_as_plain(plain, {"model": under("module.", other), "swa": averaged})
    same_as_plain(plain, {**under("a.", other), **under("b.", averaged)})


def test_a_counter_further_out_is_of_another_network(same_as_plain):
    plain, other = nvidia_state(make_generator()), nvidia_state(make_generator(seed=1))
    same_as_plain(plain, {"a": plain, "b": {**COUNTED, **under("mymodule.", other)}})


@pytest.mark.parametrize("code_base", STATES)
def test_averaged_model_of_torch_under_any_name(same_as_plain, code_base):
    """It counts in a buffer beside its module."""
    write = STATES[code_base]
    plain, other = write(make_generator()), write(make_generator(seed=1))
    averaged = {**COUNTED, **under("module.", plain)}
    same_as_plain(plain, averaged)
    same_as_plain(plain, {"model": under("module.", other), "swa_model": averaged})
    same_as_plain(plain, {**under("a.module.", other), **under("b.", averaged)})


def test_without_an_average_the_outermost_counts(same_as_plain):
    plain, other = rosinality_with_average(make_generator()), rosinality_with_average(make_generator(seed=1))
    assert same_as_plain(plain, {"history": {"old": other}, "new": plain})["taken from"] == "new, not from history.old"
    assert same_as_plain(plain, {**plain, "old": other})["taken from"] == "the outermost names, not from old"


@pytest.mark.parametrize("path", [[], ["g_ema"], ["state_dict", "g_ema"]])
def test_latent_avg_outside_the_state_dict(same_as_plain, path):
    generator = make_generator()
    state, average = rosinality_state(generator), generator.mapping.w_avg
    plain = rosinality_with_average(generator)
    content = under("module.", state)
    for key in reversed(path):
        content = {key: content}
    for value in (average, average[None]):
        same_as_plain(plain, {**content, "latent_avg": value})
    same_as_plain(plain, {"latent_avg": average + 1, "inner": {**under("g_ema.", state), "latent_avg": average}})
    same_as_plain(plain, {"latent_avg": average + 1, **under("G.module.", state), "G.latent_avg": average})


@pytest.mark.parametrize("content", [lambda state: {"g_ema": state}, lambda state: under("g_ema.module.", state)])
def test_latent_avg_outside_an_nvidia_state_dict_is_not_its_own(same_as_plain, content):
    plain = nvidia_state(make_generator())
    average = plain["mapping.w_avg"] + 1
    same_as_plain(plain, {**content(plain), "latent_avg": average})
    same_as_plain(plain, {"latent_avg": average, "inner": content(plain)})


@pytest.mark.parametrize("code_base", STATES)
def test_counters_are_no_weights(same_as_plain, code_base):
    plain = STATES[code_base](make_generator())
    counters = {
        "num_batches_tracked": torch.tensor(100),
        "convs.3.bn.num_batches_tracked": torch.tensor(100),
        "step": torch.tensor([5], dtype=torch.int32),
        "initted": torch.tensor(True),
        **COUNTED,
    }
    same_as_plain(plain, {**plain, **counters})
    same_as_plain(plain, {"g_ema": {**plain, **counters}})


def test_prefixes_in_safetensors(tmp_path):
    generator = make_generator()
    content = {**under("G.", nvidia_state(make_generator(seed=1))), **under("G_ema.", nvidia_state(generator))}
    save_file(content, tmp_path / "x.safetensors")
    assert_same_weights(load_generator(tmp_path / "x.safetensors"), generator)


def test_the_decoder_of_a_restoration_network_is_not_taken_out(tmp_path):
    path = tmp_path / "x.pt"
    torch.save({"params_ema": under("stylegan_decoder.", basicsr_state(make_generator()))}, path)
    with pytest.raises(CheckpointError, match="GFPGAN"):
        load_generator(path)


@pytest.mark.parametrize("code_base", STATES)
@pytest.mark.parametrize("name", ["decoder", "G.decoder.module", "module.decoder"])
def test_the_decoder_beside_an_encoder_is_an_ordinary_generator(same_as_plain, code_base, name):
    """pSp's and e4e's: the encoder is said to be left out."""
    plain = STATES[code_base](make_generator())
    for content in ({name: plain}, under(f"{name}.", plain), {"state_dict": under(f"{name}.", plain)}):
        notes = same_as_plain(plain, content)
        assert notes["taken from"].endswith(name)
        assert "left out" not in notes
    encoder = {"input_layer.0.weight": torch.zeros(2)}
    flat = {**under("encoder.", encoder), **under(f"{name}.", plain)}
    for content in (
        {"encoder": encoder, name: plain},
        {"state_dict": flat, "opts": argparse.Namespace(output_size=32)},
    ):
        assert "encoder" in same_as_plain(plain, content)["left out"]


@pytest.mark.parametrize("code_base", STATES)
@pytest.mark.parametrize("location", ["vae_decoder_experiments.g_ema", "no_decoder", "decoders.G"])
def test_names_with_decoder_in_them_are_no_decoders(same_as_plain, code_base, location):
    plain = STATES[code_base](make_generator())
    assert same_as_plain(plain, under(f"{location}.", plain))["taken from"] == location
    assert same_as_plain(plain, {location: plain, "decoder": plain})["taken from"] == location


# A StyleGAN3 is told by its frequencies alone; what it lacks is named.
@pytest.mark.parametrize("constant", [name for name in CONSTANTS if name != "synthesis.input.freqs"])
def test_a_constant_that_is_no_tensor_is_said_to_be_none(tmp_path, constant):
    for content in ({"g_ema": {constant: [1, 2], "b": torch.zeros(1)}}, {constant: torch.zeros(1, 12, 4, 4)}):
        torch.save(content, tmp_path / "x.pt")
        with pytest.raises(CheckpointError, match="not a StyleGAN2 generator") as caught:
            load_generator(tmp_path / "x.pt")
        assert f"its {constant!r} is no tensor, or is not among a generator's layers" in str(caught.value)
        assert "none of its names" not in str(caught.value)


@pytest.mark.parametrize(
    ("code_base", "lost", "message"),
    [
        ("nvidia", "synthesis.b8.conv1.bias", "'synthesis.b8.conv1.bias' is missing"),
        ("rosinality", "to_rgb1.bias", "'to_rgb1.bias' is missing"),
        ("basicsr", "style_conv1.activate.bias", "'style_conv1.activate.bias' is missing"),
    ],
)
def test_an_incomplete_average_is_said_to_be_what_was_looked_at(tmp_path, code_base, lost, message):
    state = STATES[code_base](make_generator())
    incomplete = {name: tensor for name, tensor in state.items() if name != lost}
    for content, where in (
        ({"G": state, "G_ema": incomplete}, " Its weights were taken from G_ema, not from G."),
        ({"x": under("g_ema.", incomplete)}, " Its weights were taken from x.g_ema."),
        (incomplete, ""),
    ):
        torch.save(content, tmp_path / "x.pt")
        with pytest.raises(CheckpointError) as caught:
            load_generator(tmp_path / "x.pt")
        text = str(caught.value)
        assert text.startswith("x.pt: ") and message in text
        assert text.endswith(f"again.{where}")


def test_a_prefix_of_absurd_length_is_none(tmp_path):
    """A tensor's name in a safetensors file may be megabytes long."""
    generator = make_generator()
    absurd = {"module." * 200_000 + "input.input": torch.zeros(1)}
    save_file(absurd, tmp_path / "x.safetensors")
    with pytest.raises(CheckpointError, match="not a StyleGAN2 generator") as caught:
        load_generator(tmp_path / "x.safetensors")
    assert len(str(caught.value)) < 500
    save_file({**absurd, **under("G.", nvidia_state(generator))}, tmp_path / "y.safetensors")
    assert_same_weights(load_generator(tmp_path / "y.safetensors"), generator)


def test_locations_in_messages_are_printable_and_short(tmp_path):
    state = nvidia_state(make_generator())
    state["mapping.fc0.bias"] = state["mapping.fc0.bias"] / 0
    torch.save({f"a\x1b[2J{'b' * 900}": state}, tmp_path / "x.pt")
    with pytest.raises(CheckpointError, match="not finite") as caught:
        load_generator(tmp_path / "x.pt")
    assert "\x1b" not in str(caught.value) and "taken from a [2Jbbb" in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_state_dict_beside_a_pickled_module_is_not_what_was_read(tmp_path):
    generator = make_generator()
    state = rosinality_state(make_generator(seed=1))
    path = tmp_path / "x.pkl"
    path.write_bytes(nvidia_bytes({"g": state}))
    assert read_generator(path, sample=False).notes["taken from"] == "g"
    path.write_bytes(nvidia_bytes({"g": state, "G_ema": nvidia_module(generator, clamp=None)}))
    loaded = read_generator(path)
    assert_same_weights(loaded.generator, generator)
    assert "taken from" not in loaded.notes


def test_only_a_discriminator_is_still_called_one(tmp_path):
    path = tmp_path / "x.pt"
    for content in (under("D.", DISCRIMINATOR), {"a": {"b": under("module.", DISCRIMINATOR)}}):
        torch.save(content, path)
        with pytest.raises(CheckpointError, match="discriminator"):
            load_generator(path)


# NVIDIA's modules, pickled whole

WRAPPERS = {
    torch.nn.DataParallel: "module",
    torch.nn.parallel.DistributedDataParallel: "module",
    torch.optim.swa_utils.AveragedModel: "module",
    torch._dynamo.OptimizedModule: "_orig_mod",
}


@pytest.fixture
def pickled_anywhere(monkeypatch):
    """Distributed modules pickle without the process group that they have to be made in."""
    parallel = torch.nn.parallel.DistributedDataParallel
    monkeypatch.setattr(parallel, "__getstate__", lambda self: dict(self.__dict__))
    monkeypatch.setattr(torch._dynamo.OptimizedModule, "__getstate__", lambda self: dict(self.__dict__))
    monkeypatch.setattr(torch._dynamo.OptimizedModule, "__reduce__", object.__reduce__, raising=False)


@pytest.mark.parametrize("wrapper", WRAPPERS, ids=lambda wrapper: wrapper.__name__)
@pytest.mark.parametrize("protocol", [2, 4])
def test_nvidia_modules_inside_others(tmp_path, pickled_anywhere, wrapper, protocol):
    generator, other = make_generator(), make_generator(seed=1)
    path = tmp_path / "x.pkl"

    def wrapped(module):
        return put_inside(wrapper, WRAPPERS[wrapper], module)

    inner, average = nvidia_module(other, clamp=None), nvidia_module(generator, clamp=256)
    path.write_bytes(nvidia_bytes({"G": wrapped(inner), "D": None, "G_ema": wrapped(average)}, protocol))
    loaded = load_generator(path)
    assert_same_weights(loaded, generator)
    assert loaded.config.conv_clamp == 256.0
    path.write_bytes(nvidia_bytes(wrapped(put_inside(torch.nn.DataParallel, "module", average)), protocol))
    assert_same_weights(load_generator(path), generator)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_nvidia_in_any_pickle_protocol(tmp_path, protocol, dtype):
    generator = make_generator(dtype=dtype)
    path = tmp_path / "x.pkl"
    path.write_bytes(nvidia_bytes({"G_ema": nvidia_module(generator, clamp=None)}, protocol))
    assert (b"_codecs" in path.read_bytes()) == (protocol == 2)
    assert_same_weights(load_generator(path), generator)


@pytest.mark.parametrize(("current", "averaged"), [("G", "G_ema"), ("netG", "netG_ema"), ("generator", "ema")])
def test_nvidia_modules_under_any_key(tmp_path, current, averaged):
    generator, other = make_generator(), make_generator(seed=1)
    path = tmp_path / "x.pkl"
    modules = {current: nvidia_module(other, clamp=None), averaged: nvidia_module(generator, clamp=None)}
    path.write_bytes(nvidia_bytes(modules))
    assert_same_weights(load_generator(path), generator)
    path.write_bytes(nvidia_bytes({"D": None, current: nvidia_module(generator, clamp=None)}))
    assert_same_weights(load_generator(path), generator)


@pytest.mark.parametrize("count", [1, 40])
def test_modules_pickled_whole_whose_names_are_long(tmp_path, count):
    """Joined, the names of one module's 200 parameters would take 4 MB."""
    root = inner = torch.nn.Module()
    for _ in range(19):
        outer, inner = inner, torch.nn.Module()
        outer.add_module("m" * 1000, inner)
    for index in range(200):
        inner.register_buffer(f"b{index}", torch.zeros(1))
    torch.save({f"g{index}": root for index in range(count)}, tmp_path / "x.pt")
    with pytest.raises(CheckpointError, match=r"not a StyleGAN2 generator|contain each other"):
        load_generator(tmp_path / "x.pt")


# float64


@pytest.mark.parametrize("code_base", STATES)
def test_float64_becomes_float32(tmp_path, code_base, caplog):
    """A third has no end in binary, so narrowing has to round, and must do so as torch does."""
    generator = make_generator()
    plain = STATES[code_base](generator)
    wide = {name: tensor.double() / 3 if "kernel" not in name else tensor.double() for name, tensor in plain.items()}
    narrow = {name: tensor.float() for name, tensor in wide.items()}
    torch.save(narrow, tmp_path / "narrow.pt")
    torch.save({"g_ema": wide}, tmp_path / "wide.pt")
    with caplog.at_level("INFO"):
        loaded = load_generator(tmp_path / "wide.pt")
    assert_same_weights(loaded, load_generator(tmp_path / "narrow.pt"))
    assert all(tensor.dtype == torch.float32 for tensor in loaded.state_dict().values())
    assert any(text.startswith("wide.pt: ") and "tensors from float64 to float32" in text for text in caplog.messages)
    assert "narrowed" in inspect_checkpoint(tmp_path / "wide.pt").describe()
    assert "narrowed" not in inspect_checkpoint(tmp_path / "narrow.pt").metadata


def test_float64_average_of_a_float16_generator(tmp_path):
    generator = make_generator(dtype=torch.float16)
    average = torch.linspace(-1, 1, SMALL.w_dim, dtype=torch.float64) / 3
    torch.save({"g_ema": rosinality_state(generator), "latent_avg": average}, tmp_path / "x.pt")
    loaded = load_generator(tmp_path / "x.pt")
    assert torch.equal(loaded.mapping.w_avg, average.float())
    assert_same_weights(loaded, generator, skip={"mapping.w_avg"})
    convert_checkpoint(tmp_path / "x.pt", tmp_path / "y.safetensors")
    assert_same_weights(load_generator(tmp_path / "y.safetensors"), loaded)
    said = inspect_checkpoint(tmp_path / "y.safetensors").metadata["provenance"]
    tensors = len(loaded.state_dict())
    assert f"1 of {tensors} tensors from float64 to float32" in said


def test_float64_in_an_nvidia_pickle(tmp_path):
    generator = make_generator(dtype=torch.float64)
    path = tmp_path / "x.pkl"
    for protocol in (2, 4):
        path.write_bytes(nvidia_bytes({"G_ema": nvidia_module(generator, clamp=None)}, protocol))
        assert_same_weights(load_generator(path), make_generator())


# What a hostile file could make of it


def test_dicts_that_contain_themselves_and_absurd_depths(tmp_path):
    loop: dict = {"input": torch.zeros(2)}
    loop["loop"] = loop
    deep: dict = {}
    for _ in range(300):
        deep = {"a": deep, "b": torch.zeros(1)}
    path = tmp_path / "x.pt"
    for content in (loop, deep):
        path.write_bytes(torch_bytes(content))
        with pytest.raises(CheckpointError, match="not a StyleGAN2 generator"):
            load_generator(path)


def test_thousands_of_places_where_a_generator_could_be(tmp_path):
    """Each with its constant only; the first is tried, and said to be incomplete."""
    constant = torch.zeros(1, 12, 4, 4)
    path = tmp_path / "x.pt"
    torch.save({f"{index}.input.input": constant for index in range(20_000)} | {"0.conv1.conv.weight": constant}, path)
    with pytest.raises(CheckpointError, match="is missing") as caught:
        load_generator(path)
    assert len(str(caught.value)) < 500


def test_encoded_storages_that_are_none(tmp_path):
    path = tmp_path / "x.pkl"
    data = nvidia_bytes({"G_ema": nvidia_module(make_generator())}, protocol=2)
    assert b"latin1" in data
    for content in (data.replace(b"latin1", b"utf-16"), data.replace(b"FloatStorage", b"Float\xc4\x80torage"[:12])):
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match="damaged"):
            load_generator(path)
