"""How smoothly ComfyUI's frontend pans over 50 of our nodes, beside 50 of its own; in both renderers.

    python benchmarks/frontend.py URL [--nodes 50] [--frames 120] [--out FILE]     # URL of a ComfyUI that runs the pack

Needs Chromium (/usr/bin/chromium or CHROMIUM) and `pip install -e ".[browser]"`. A frame's time is the browser's work
from one frame to the next while the view moves; the ratio is of medians. Nodes are wired, and ours show what they can
before a run: contact sheets with favourites, pictures padded.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import urllib.request
from pathlib import Path
from typing import Any

OURS = [
    *("LoadStyleGAN", "SampleLatent", "GetFeatures", "ShiftBlend", "PadExpand", "InterpolateFeatures"),
    *("PanoramaFeatures", "MixStyles", "Render", "TransformFeatures"),
]
# About as many inputs, so that what is told apart is ours and theirs, not many and few.
CORE = [
    *("CheckpointLoaderSimple", "KSampler", "KSampler", "KSamplerAdvanced", "KSamplerAdvanced", "CLIPTextEncode"),
    *("LoraLoader", "ImageScale", "ControlNetApplyAdvanced", "LatentComposite"),
]

# From afar, where texts and drawings are left out, and from near, where all are drawn.
SCALES = {"far": 0.45, "near": 1.0}

PAN = """async ([kinds, count, frames, scale]) => {
    const frame = () => new Promise(requestAnimationFrame);
    const {app, LiteGraph} = window;
    app.graph.clear();
    const givers = {};
    for (let index = 0; index < count; index += 1) {
        const node = LiteGraph.createNode(kinds[index % kinds.length]);
        node.pos = [340 * (index % 10), 480 * Math.floor(index / 10)];
        app.graph.add(node);
        for (const [slot, {type, widget}] of node.inputs.entries())
            if (!widget && givers[type]) givers[type][0].connect(givers[type][1], node, slot);
        for (const [slot, {type}] of node.outputs.entries()) givers[type] = [node, slot];
        if (node.type !== "SampleLatent") continue;
        const {value: checkpoint} = givers.SOAT_GENERATOR[0].widgets.find(({name}) => name === "checkpoint");
        node.properties.soat_contact_sheet = true;
        node.properties.soat_favourites = [0, 5].map(seed => ({checkpoint, rng: "numpy", seed}));
    }
    const view = app.canvas.ds;
    view.scale = scale;
    [view.offset[0], view.offset[1]] = [100, 100];
    app.canvas.setDirty(true, true);
    const answers = () => performance.getEntriesByType("resource").filter(({name}) => name.includes("/soat/")).length;
    for (let before = -1; before !== answers();) {
        before = answers();
        await new Promise(done => setTimeout(done, 1500));
    }
    for (let index = 0; index < 60; index += 1) await frame();
    const times = [];
    let before = performance.now();
    for (let index = 0; index < frames; index += 1) {
        view.offset[0] += 6 * Math.cos(index / 10);
        view.offset[1] += 4 * Math.sin(index / 10);
        app.canvas.setDirty(true, true);
        await frame();
        const now = performance.now();
        times.push(now - before);
        before = now;
    }
    return [times, app.graph.nodes.reduce((sum, node) => sum + node.widgets.length, 0)];
}"""


def measure(url: str, nodes: int, frames: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    figures: dict[str, Any] = {}
    # Without a limit to 60 frames a second, or all that is fast enough would look alike.
    options = ["--no-sandbox", "--disable-gpu", "--disable-frame-rate-limit", "--disable-gpu-vsync"]
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=options)
        for renderer, vue in (("classic", False), ("vue", True)):
            _set(url, "Comfy.VueNodes.Enabled", vue)
            _set(url, "Comfy.TutorialCompleted", True)
            page = browser.new_page(viewport={"width": 1600, "height": 900})
            page.goto(url)
            page.wait_for_function("!!window.app?.extensionManager?.workflow?.activeWorkflow", timeout=90_000)
            page.wait_for_function("!!window.LiteGraph?.registered_node_types['Render']", timeout=90_000)
            for distance, scale in SCALES.items():
                figures[f"{renderer}, {distance}"] = _compared(page, nodes, frames, scale)
            page.close()
        browser.close()
    _set(url, "Comfy.VueNodes.Enabled", False)
    return figures


def _compared(page: Any, nodes: int, frames: int, scale: float) -> dict[str, float]:
    # In turn, so that what else the machine does meets both.
    times: dict[str, list[float]] = {"ours": [], "core": []}
    widgets = {}
    for _ in range(3):
        for name, kinds in (("core", CORE), ("ours", OURS)):
            more, widgets[f"widgets of {name}"] = page.evaluate(PAN, [kinds, nodes, frames, scale])
            times[name] += more
    medians = {name: statistics.median(values) for name, values in times.items()}
    return {**medians, "ours/core": medians["ours"] / medians["core"], **widgets}


def _set(url: str, name: str, value: object) -> None:
    request = urllib.request.Request(f"{url}/api/settings/{name}", json.dumps(value).encode(), method="POST")
    request.add_header("Content-Type", "application/json")
    urllib.request.urlopen(request).close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--nodes", type=int, default=50)
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    figures = measure(args.url.rstrip("/"), args.nodes, args.frames)
    for renderer, values in figures.items():
        print(renderer, ", ".join(f"{name} {value:.2f}" for name, value in values.items()))
    if args.out:
        args.out.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
