"""How soon a live Render follows a hand in ComfyUI: pictures a second while a region moves, and the last one's delay.

    python benchmarks/live.py URL [--checkpoint demo/portrait_256.safetensors] [--repeats 20] [--out FILE]

URL of a ComfyUI that runs the pack. Needs Chromium and `pip install -e ".[browser]"`, as `benchmarks/frontend.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
from pathlib import Path
from typing import Any

from frontend import _set

EXAMPLE = Path(__file__).parents[1] / "example_workflows" / "06_shift_blend.json"

# Moves a region's copy for some seconds, at each frame, as its drawing does; then how long the last picture takes.
DRAG = """async ([seconds, repeats]) => {
    const {app} = window, {api} = app;
    const frame = () => new Promise(requestAnimationFrame);
    const {nodes} = app.graph;
    const blend = nodes.find(({type}) => type === "ShiftBlend");
    const render = nodes.find(node => node.type === "Render" && node.inputs[0].link != null
        && app.graph.links.get(node.inputs[0].link).origin_id === blend.id);
    const region = blend.widgets.find(({name}) => name === "shift_x");
    const seen = {shown: 0, at: 0, longest: 0};
    api.addEventListener("executed", ({detail}) => {
        if (String(detail.node) === String(render.id)) { seen.shown += 1; seen.at = performance.now(); }
    });
    api.addEventListener("status", ({detail}) =>
        seen.longest = Math.max(seen.longest, detail?.exec_info?.queue_remaining ?? 0));
    render.properties.soat_live = true;
    render.onConfigure?.({});
    const move = at => {
        region.value = Math.round(1000 * (0.3 + 0.2 * Math.sin(at))) / 1000;
        region.callback(region.value);
    };
    const still = async () => { for (let before = -1; before !== seen.shown;) {
        before = seen.shown; await new Promise(done => setTimeout(done, 1500)); } };
    await still();
    const delays = [];
    let pictures = 0, moved = 0;
    for (let repeat = 0; repeat < repeats; repeat += 1) {
        const [begun, before] = [performance.now(), seen.shown];
        while (performance.now() - begun < 1000 * seconds) { move(repeat + performance.now() / 300); await frame(); }
        const last = performance.now();
        pictures += seen.shown - before;
        moved += last - begun;
        await still();
        delays.push(seen.at - last);
    }
    return {perSecond: 1000 * pictures / moved, delays, longest: seen.longest};
}"""


def measure(url: str, checkpoint: str, seconds: float, repeats: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    workflow = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    for node in workflow["nodes"]:
        if node["type"] == "LoadStyleGAN":
            node["widgets_values"][0] = checkpoint
            node.get("widgets_values_named", {})["checkpoint"] = checkpoint
    figures: dict[str, Any] = {}
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for renderer, vue in (("classic", False), ("vue", True)):
            _set(url, "Comfy.VueNodes.Enabled", vue)
            _set(url, "Comfy.TutorialCompleted", True)
            page = browser.new_page(viewport={"width": 1600, "height": 900})
            page.set_default_timeout(600_000)
            page.goto(url)
            page.wait_for_function("!!window.app?.extensionManager?.workflow?.activeWorkflow", timeout=90_000)
            page.wait_for_function("!!window.LiteGraph?.registered_node_types['Render']", timeout=90_000)
            page.evaluate("workflow => window.app.loadGraphData(workflow)", workflow)
            told = page.evaluate(DRAG, [seconds, repeats])
            figures[renderer] = {
                "pictures a second": told["perSecond"],
                "delay of the last, ms": statistics.median(told["delays"]),
                "longest queue": told["longest"],
            }
            page.close()
        browser.close()
    _set(url, "Comfy.VueNodes.Enabled", False)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--checkpoint", default="demo/portrait_256.safetensors")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each drag")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    figures = measure(args.url.rstrip("/"), args.checkpoint, args.seconds, args.repeats)
    for renderer, values in figures.items():
        print(renderer, ", ".join(f"{name} {value:.1f}" for name, value in values.items()))
    if args.out:
        args.out.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
