"""The nodes' texts in other languages: complete, and about the same things."""

from __future__ import annotations

import importlib.util
import json
import re
from collections import defaultdict
from pathlib import Path

import pytest
from soat.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS

ROOT = Path(__file__).parents[2]
LETTERS = {"ko": "[가-힣]", "ja": "[ぁ-んァ-ヶ一-龠]", "zh": "[一-龥]"}
# What stays as it is in every language: names with dots, slashes, colons or underscores, numbers, abbreviations.
KEPT = re.compile(r"[A-Za-z0-9]+(?:[_./:][A-Za-z0-9]+)+|\d+(?:\.\d+)?|\b[A-Z]{2,}\b|\.[a-z]{2,}")
INPUTS = {
    name
    for class_id in NODE_DISPLAY_NAME_MAPPINGS
    for part in NODE_CLASS_MAPPINGS[class_id].INPUT_TYPES().values()
    for name in part
}


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("locales", ROOT / "docs" / "locales.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def texts(language: str) -> dict:
    return json.loads((ROOT / "locales" / language / "nodeDefs.json").read_text(encoding="utf-8"))


def test_english_is_what_the_nodes_say(script):
    assert texts("en") == script.english(), "run `make derived`, and translate what has changed"


def test_there_is_a_folder_for_each_language():
    assert sorted(path.name for path in (ROOT / "locales").iterdir()) == ["en", "ja", "ko", "zh"]


@pytest.mark.parametrize("language", LETTERS)
def test_it_is_complete_and_translated(language, script):
    """What it says of a node it says whole; a node of which it says nothing is shown in English."""
    english, found = script.paths(script.translatable(texts(language))), script.paths(texts(language))
    assert found.keys() == english.keys()
    for place, text in found.items():
        assert re.search(LETTERS[language], text) or (text == english[place] and len(text) == 1), place
        # Signs that the frontend's messages give a meaning.
        assert not re.search(r"[{}@|$]", text), place


@pytest.mark.parametrize("language", LETTERS)
def test_a_name_is_called_the_same_everywhere(language, script):
    english, found = script.paths(script.translatable(texts(language))), script.paths(texts(language))
    labels = defaultdict(set)
    for place, text in english.items():
        if place.endswith("name"):
            labels[text].add(found[place])
    assert not {name: several for name, several in labels.items() if len(several) > 1}


@pytest.mark.parametrize("language", LETTERS)
def test_names_of_files_layers_and_choices_are_kept(language, script):
    english, found = script.paths(script.translatable(texts(language))), script.paths(texts(language))
    for place, text in english.items():
        if not place.endswith("name"):
            kept = {word for word in KEPT.findall(text) if word not in INPUTS}
            assert not {word for word in kept if word not in found[place]}, (place, found[place])


@pytest.mark.parametrize("language", LETTERS)
def test_every_node_is_translated(language, script):
    if missing := script.untranslated(texts(language)):
        pytest.skip(f"{language} lacks {', '.join(missing)}: whoever speaks it translates locales/en/nodeDefs.json")
