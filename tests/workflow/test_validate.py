import math

import pytest
from soat.soat_backend.support.errors import SoatError, WorkflowError, require_between
from soat.soat_backend.workflow import NodeCatalog, execute
from soat.soat_backend.workflow.api_format import read_api_format
from soat.soat_backend.workflow.node_types import InputSpec, convert
from soat.soat_backend.workflow.validate import types_match, validate

SAMPLE = {"seed": 3, "scale": 1.0, "mode": "plain"}


def prompt_with(sample=None, save=None):
    return {
        "1": {"class_type": "Sample", "inputs": SAMPLE | (sample or {}), "_meta": {"title": "Mountains"}},
        "9": {"class_type": "Save", "inputs": {"latent": ["1", 0], "filename_prefix": "p"} | (save or {})},
    }


def problems_of(prompt, fake):
    with pytest.raises(WorkflowError) as error:
        validate(read_api_format(prompt), NodeCatalog(fake.classes))
    return error.value.values.get("problems") or [str(error.value)]


HERE = r'node 1 "Mountains" (Sample), input '


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ({"seed": -1}, HERE + "seed is -1, below its least value 0. Choose one from 0 on."),
        ({"scale": 10.5}, HERE + "scale is 10.5, above its greatest value 10.0. Choose one up to 10.0."),
        (
            {"mode": "fanci"},
            HERE + "mode is 'fanci', which isn't a choice. Did you mean 'fancy'? Available: plain, fancy.",
        ),
        ({"seed": 2.5}, HERE + "seed: expected a whole number, got 2.5."),
        ({"seed": "three"}, HERE + "seed: expected a number, got 'three'."),
        ({"scale": None}, HERE + "scale: it is empty (null or NaN in the file)."),
        ({"scale": {"a": 1}}, HERE + "scale: expected a number, got {'a': 1}."),
        ({"scale": 10**400}, HERE + "scale: the number is too large."),
        ({"scale": float("inf")}, HERE + "scale: expected a finite number, got inf."),
        ({"seed": [1, 2, 3]}, HERE + "seed has a list, [1, 2, 3]; a link is [node id, output number]."),
    ],
)
def test_values(fake, sample, expected):
    assert problems_of(prompt_with(sample), fake) == [expected]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "nothing is chosen. Available: plain, fancy."),
        (7, "expected a name in quotes, got 7. Available: plain, fancy."),
        ({"a": 1}, "expected a name in quotes, got {'a': 1}. Available: plain, fancy."),
        ({"__value__": ["plain"]}, "expected a name in quotes, got ['plain']. Available: plain, fancy."),
    ],
)
def test_a_name_that_is_none_never_reaches_the_class(fake, value, expected):
    """Classes that check names themselves expect text."""
    fake.classes["Sample"].VALIDATE_INPUTS = classmethod(lambda cls, mode: pytest.fail(f"asked about {mode!r}"))
    assert problems_of(prompt_with({"mode": value}), fake) == [f"{HERE}mode: {expected}"]


def test_nothing_to_choose_from(fake):
    declared = {"required": {"mode": ([], {})}}
    fake.classes["Sample"].INPUT_TYPES = classmethod(lambda cls: declared)
    assert problems_of(prompt_with({"mode": None}), fake) == [
        f"{HERE}mode: nothing is chosen. The list of choices is empty."
    ]


def test_strings_are_converted_as_comfyui_does(fake):
    execute(read_api_format(prompt_with({"seed": "4", "scale": "2"}, {"filename_prefix": 5})), fake.classes)
    assert fake.calls == [("Sample", 4, 2.0, "plain"), ("Save", "S4x2.0plain", "5")]


def test_all_problems_are_reported_at_once(fake):
    found = problems_of(prompt_with({"seed": -1, "mode": "x"}, {"latent": ["1", 1]}), fake)
    assert len(found) == 3
    assert found[2].startswith("node 9 (Save), input latent expects SOAT_LATENT but is linked to output 1 of node 1")


def test_missing_inputs(fake):
    prompt = prompt_with()
    del prompt["1"]["inputs"]["seed"], prompt["9"]["inputs"]["latent"]
    prompt["9"]["inputs"]["filename_prefix"] = ["1", 0]
    found = problems_of(prompt, fake)
    assert found == [
        HERE + "seed has no value; its usual one is 0.",
        "node 9 (Save), input filename_prefix expects STRING but is linked to output 0 of "
        'node 1 "Mountains" (Sample), which gives SOAT_LATENT. Link an output of type STRING.',
        "node 9 (Save), input latent isn't connected; link an output of type SOAT_LATENT to it.",
    ]


def test_value_where_a_link_belongs(fake):
    assert problems_of(prompt_with(save={"latent": "x"}), fake) == [
        "node 9 (Save), input latent needs a link of type SOAT_LATENT, but the file has the value 'x'."
    ]


def test_links_that_lead_nowhere(fake):
    assert "which has 2 outputs" in problems_of(prompt_with(save={"latent": ["1", 5]}), fake)[0]
    assert "which has 2 outputs" in problems_of(prompt_with(save={"latent": ["1", -1]}), fake)[0]
    assert problems_of(prompt_with(save={"latent": ["77", 0]}), fake)[0].startswith(
        "Node 9 (Save) is linked to node 77, which isn't in the workflow."
    )


def test_unknown_linked_input_suggests_the_right_one(fake):
    found = problems_of(prompt_with(save={"latents": ["1", 0]}), fake)
    assert found == ["node 9 (Save) has no input 'latents'. Did you mean 'latent'? Available: latent, filename_prefix."]


def test_leftovers_of_the_frontend_are_ignored(fake):
    execute(read_api_format(prompt_with({"upload": "image"})), fake.classes)
    assert fake.calls[0] == ("Sample", 3, 1.0, "plain")


def test_unknown_type(fake):
    prompt = prompt_with()
    prompt["3"] = {"class_type": "KSampler", "inputs": {}, "_meta": {"title": "Denoise"}}
    assert problems_of(prompt, fake)[0].startswith('node 3 "Denoise" (KSampler) is of a type that isn\'t here')


def test_circle(fake):
    prompt = prompt_with(save={"latent": ["4", 0]})
    prompt["4"] = {"class_type": "Mix", "inputs": {"latent_a": ["5", 0], "latent_b": ["1", 0]}}
    prompt["5"] = {"class_type": "Mix", "inputs": {"latent_a": ["4", 0], "latent_b": ["1", 0]}}
    assert "circle: node 4 (Mix) -> node 5 (Mix) -> node 4 (Mix)" in problems_of(prompt, fake)[0]


def test_validate_inputs_takes_over_the_checks_it_names(fake):
    seen = []

    def check(cls, mode, seed):
        seen.append((mode, seed))
        return True if mode == "wild" else "only wild"

    fake.classes["Sample"].VALIDATE_INPUTS = classmethod(check)
    execute(read_api_format(prompt_with({"mode": "wild", "seed": 5000})), fake.classes)
    assert seen == [("wild", 5000)]
    assert problems_of(prompt_with({"mode": "tame"}), fake) == [HERE + "seed, mode: only wild"]
    assert "scale is 11.0" in problems_of(prompt_with({"mode": "wild", "scale": 11}), fake)[0]


def test_validate_inputs_that_fails_is_reported_for_its_node(fake):
    fake.classes["Sample"].VALIDATE_INPUTS = classmethod(lambda cls, seed: {}["x"])
    assert problems_of(prompt_with(), fake) == ["node 1 \"Mountains\" (Sample) can't check its inputs: KeyError: 'x'."]


def test_validate_inputs_with_input_types_replaces_the_type_check(fake):
    seen = []
    fake.classes["Save"].VALIDATE_INPUTS = classmethod(lambda cls, input_types: seen.append(input_types) or True)
    validate(read_api_format(prompt_with(save={"latent": ["1", 1]})), NodeCatalog(fake.classes))
    assert seen == [{"latent": "INT"}]


@pytest.mark.parametrize(
    ("given", "wanted", "fits"),
    [("A", "A", True), ("A", "B", False), ("A,B", "B,C", True), ("*", "B", True), (["x"], "COMBO", True)],
)
def test_types(given, wanted, fits):
    assert types_match(given, wanted) is fits


@pytest.mark.parametrize(("value", "expected"), [("false", False), (1, True), (True, True), ("Yes", True), (0, False)])
def test_booleans(value, expected):
    assert convert(InputSpec("flag", "BOOLEAN"), value) is expected


def test_boolean_refuses_other_words():
    with pytest.raises(ValueError, match="expected true or false, got 'maybe'"):
        convert(InputSpec("flag", "BOOLEAN"), "maybe")


def test_integers_keep_all_digits():
    assert convert(InputSpec("seed", "INT"), str(2**64 - 1)) == 2**64 - 1


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 2**32 - 1, "0 to 4294967295"), (-1, 2.0**53, "-1 to 9007199254740992"), (0.01, 1e30, "0.01 to 1e+30")],
)
def test_bounds_that_are_whole_are_written_in_full(low, high, expected):
    with pytest.raises(SoatError) as error:
        require_between("seed", math.nan, low, high)
    assert str(error.value) == f"seed must be a number from {expected}, got nan."
