"""ComfyUI's app mode, as an artist uses it."""

from __future__ import annotations

import json
import uuid
from typing import Any

from artist import COLOURS, EXAMPLES, Frontend, Node

# Of each picture in an app's strip of results its width and height, 0 until it is there.
PICTURES = """() => [...document.querySelectorAll('[data-testid="linear-history-item"] img')]
    .map(image => image.complete ? [image.naturalWidth, image.naturalHeight] : [0, 0])"""


class App:
    """A workflow as ComfyUI's app mode shows it: a list of inputs, a button, and the pictures that come of it."""

    def __init__(self, frontend: Frontend, example: str) -> None:
        """Open an example, and then its app as anybody does: the graph is what comes first."""
        self.frontend, self.page = frontend, frontend.page
        self.page.evaluate(
            "([workflow, name]) => window.app.loadGraphData(workflow, true, true, name, {openSource: 'template'})",
            # Of a name that is open already, that one would be shown, as it was left.
            [json.loads((EXAMPLES / example).read_text(encoding="utf-8")), f"{example} {uuid.uuid4().hex}"],
        )
        self.page.get_by_role("button", name="Enter app mode").click()
        self.page.get_by_test_id("linear-run-button").wait_for()

    def leave(self) -> None:
        self.page.get_by_role("button", name="Enter node graph").click()
        self.page.get_by_test_id("linear-run-button").wait_for(state="detached")

    def item(self, node_id: str, name: str) -> Any:
        return self.page.locator(f'[data-testid="app-mode-widget-item"][data-widget-key$=":{node_id}:{name}"]')

    def items(self) -> list[tuple[str, ...]]:
        """Nodes' ids and names of the inputs, in their order."""
        found = self.page.get_by_test_id("app-mode-widget-item")
        keys = found.evaluate_all("items => items.map(item => item.dataset.widgetKey)")
        return [tuple(key.split(":")[1:]) for key in keys]

    def type(self, node_id: str, name: str, value: Any) -> None:
        field = self.item(node_id, name).locator("input")
        field.fill(str(value))
        field.press("Enter")

    def typed(self, node_id: str, name: str) -> str:
        """What an input shows."""
        return self.item(node_id, name).locator("input").input_value()

    def drawing(self, node_id: str, name: str) -> Node:
        """The node whose drawing is there, once it is the node's own: undo makes another."""
        self.item(node_id, name).scroll_into_view_if_needed()
        node = Node(self.frontend, node_id)
        node.until("node.widgets.some(each => each.element === canvas)")
        return node

    def run(self) -> list[tuple[int, int]]:
        """Press Run, and wait for its pictures in the strip below: their widths and heights, sorted."""
        self.page.evaluate(
            """() => {
                window.soatRun = null;
                const listen = (event, told) => window.app.api.addEventListener(
                    event, ({detail}) => { window.soatRun = told(detail); }, {once: true});
                listen("execution_success", () => "done");
                listen("execution_error", detail => detail.exception_message);
            }"""
        )
        self.page.get_by_test_id("linear-run-button").get_by_role("button", name="Run").click()
        self.page.wait_for_function("() => window.soatRun", timeout=120_000)
        assert self.page.evaluate("() => window.soatRun") == "done"
        self.page.get_by_text("Rerun", exact=True).wait_for()
        self.page.wait_for_function(f"() => ({PICTURES})().length && ({PICTURES})().every(each => each[0])")
        # They come one after the other.
        found = [self._pictures()]
        while len(found) < 4 or any(each != found[-1] for each in found[-4:]):
            found.append(self._pictures())
        return found[-1]

    def _pictures(self) -> list[tuple[int, int]]:
        """Those of the strip some frames later."""
        self.page.evaluate(
            "async () => { for (let frame = 0; frame < 8; frame += 1) await new Promise(requestAnimationFrame); }"
        )
        return sorted(map(tuple, self.page.evaluate(PICTURES)))

    def colours(self) -> int:
        """How many colours there are in the large picture."""
        return self.page.locator("#linearCenterPanel img").first.evaluate(
            f"""image => {{
                const canvas = document.createElement("canvas");
                [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
                canvas.getContext("2d").drawImage(image, 0, 0);
                return ({COLOURS})(canvas);
            }}"""
        )
