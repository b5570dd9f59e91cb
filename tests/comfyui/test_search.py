"""ComfyUI's own search finds nodes by the words people use for what they do."""

from __future__ import annotations

from typing import Any

import pytest
from soat.nodes import NODE_DISPLAY_NAME_MAPPINGS

FOUND = {
    "toonify": {"Interpolate Features"},
    "inversion": {"Invert Image"},
    "projector": {"Invert Image"},
    "gif": {"Save Animation"},
    # "video" alone finds 64 of the 160 nodes of ComfyUI that have it in their names, which count for more.
    "stylegan video": {"Save Animation", "Latent Walk", "Pan Image", "Animate Value"},
    "360": {"Panorama Features", "Pan Image", "Stitch Many"},
    "outpaint": {"Panorama Features", "Pad and Expand"},
    "sefa": {"Edit Latent"},
    "ganspace": {"Edit Latent"},
    "network bending": {"Transform Features"},
    "morph": {"Interpolate Latents", "Latent Walk"},
    "seamless": {"Panorama Features", "Grid Features", "Stitch Features", "Stitch Many"},
    "list of seeds": {"Join Latents", "Join Many"},
    "style mixing": {"Mix Styles"},
    "psi": {"Truncate Latent"},
    "e4e": {"Invert Image", "Load StyleGAN Latent"},
    "SOAT": set(NODE_DISPLAY_NAME_MAPPINGS.values()),
    "stylegan": set(NODE_DISPLAY_NAME_MAPPINGS.values()),
}


@pytest.fixture(scope="module")
def search(page) -> Any:
    """The box that a double click on the canvas opens."""
    page.evaluate("window.app.extensionManager.command.execute('Workspace.SearchBox.Toggle')")
    box = page.locator("input[aria-controls=results-list]")
    box.wait_for()
    yield box
    box.press("Escape")


@pytest.mark.parametrize("word", FOUND)
def test_a_word_finds_its_nodes(search, page, word):
    search.fill(word)
    page.wait_for_function(
        """wanted => {
            const lines = document.querySelector("#results-list").innerText.split("\\n");
            return wanted.every(name => lines.includes(name));
        }""",
        arg=sorted(FOUND[word]),
        timeout=10_000,
    )
