"""ComfyUI's page and its nodes with drawings, as an artist uses them; the frontend's tests are written with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "example_workflows"
COLOURS = """canvas => {
    if (!canvas?.width || !canvas.height) return 0;
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
}"""


class Frontend:
    """ComfyUI's page, as an artist uses it."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def load(self, workflow: Any) -> None:
        self.page.evaluate("workflow => window.app.loadGraphData(workflow)", workflow)

    def prompt(self) -> dict[str, Any]:
        return self.page.evaluate("async () => (await window.app.graphToPrompt()).output")

    def saved(self) -> dict[str, Any]:
        return self.page.evaluate("() => window.app.graph.serialize()")

    def convert_to_subgraph(self, *kinds: str) -> None:
        """Put all nodes of some kinds (`Subgraph` among them) of the graph that is shown into a subgraph."""
        self.page.evaluate(
            """kinds => {
                const {graph} = window.app.canvas;
                graph.convertToSubgraph(new Set(graph.nodes.filter(
                    node => kinds.includes(node.subgraph ? "Subgraph" : node.type))));
            }""",
            kinds,
        )

    def go_into_the_subgraph(self) -> None:
        """Show the inside of the one subgraph node there is."""
        self.page.evaluate(
            """async () => {
                const {canvas} = window.app;
                const node = canvas.graph.nodes.find(each => each.subgraph);
                canvas.openSubgraph(node.subgraph, node);
                await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
            }"""
        )

    def show(self, node_id: str) -> Node:
        """Show the graph that a node lies in, by what runs call the node, such as `5:105`."""
        *hosts, own = node_id.split(":")
        self.page.evaluate(
            """async hosts => {
                const {canvas} = window.app;
                for (const id of hosts) {
                    const host = canvas.graph.getNodeById(id);
                    canvas.openSubgraph(host.subgraph, host);
                    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
                }
            }""",
            [int(host) for host in hosts],
        )
        return Node(self, own)

    def shown_node(self, kind: str) -> Node:
        """A node of the graph that is shown, which may be a subgraph."""
        node_id = self.page.evaluate("kind => window.app.canvas.graph.nodes.find(node => node.type === kind).id", kind)
        return Node(self, str(node_id))

    def node(self, kind: str) -> Node:
        return Node(self, self.ids(kind)[0])

    def add(self, kind: str, place: tuple[float, float] = (0, 0), **values: Any) -> Node:
        """A new node with its upper left corner at a place of the graph, and some values."""
        node_id = self.page.evaluate(
            """([kind, place, values]) => {
                const node = window.LiteGraph.createNode(kind);
                node.pos = place;
                window.app.canvas.graph.add(node);
                for (const [name, value] of Object.entries(values))
                    node.widgets.find(each => each.name === name).value = value;
                return node.id;
            }""",
            [kind, place, values],
        )
        return Node(self, str(node_id))

    def ids(self, kind: str) -> list[str]:
        return [key for key, node in self.prompt().items() if node["class_type"] == kind]

    def example(self, name: str) -> None:
        """Open one of the example workflows."""
        self.load(json.loads((EXAMPLES / name).read_text(encoding="utf-8")))

    def place_from_the_library(self, name: str) -> str:
        """Put what the node library lists under a name on the canvas; its id."""
        before = self.page.evaluate("() => window.app.graph.nodes.map(node => String(node.id))")
        search = self.page.get_by_placeholder("Search").first
        if not search.is_visible():
            self.page.get_by_role("button", name="Node Library").click()
        search.fill(name)
        self.page.get_by_role("treeitem").get_by_text(name, exact=True).click()
        # It hangs at the pointer until the next click.
        self.page.locator("body > .fixed").get_by_text(name, exact=True).wait_for()
        self.page.mouse.move(1000, 400)
        self.page.mouse.click(1000, 400)
        self.page.wait_for_function("count => window.app.graph.nodes.length > count", arg=len(before))
        self.page.get_by_role("button", name="Node Library").click()
        search.wait_for(state="detached")
        (made,) = self.page.evaluate(
            "before => window.app.graph.nodes.map(node => String(node.id)).filter(id => !before.includes(id))", before
        )
        return made

    def connect(self, source: str, output: str, target: str, name: str) -> None:
        """A wire between two nodes of the outermost graph."""
        self.page.evaluate(
            """([source, output, target, name]) => {
                const {graph} = window.app, [from, to] = [graph.getNodeById(source), graph.getNodeById(target)];
                from.connect(from.findOutputSlot(output), to, to.findInputSlot(name));
            }""",
            [source, output, target, name],
        )

    def undo(self) -> None:
        self.page.keyboard.press("Control+z")

    def run_until(self, event: str, when: str = "", then: str = "") -> dict[str, Any]:
        """Queue the graph and wait for an event of the server; at the first of another one do something.

        Fails if the graph is refused, after which no event would come.
        """
        return self.page.evaluate(
            """([event, when, then]) => new Promise((done, failed) => {
                const api = window.app.api;
                api.addEventListener(event, ({detail}) => done(detail), {once: true});
                if (when) api.addEventListener(when, () => new Function(then)(), {once: true});
                window.app.queuePrompt(0, 1).then(() => {
                    const refused = JSON.stringify(window.app.lastNodeErrors ?? {});
                    if (refused !== "{}") failed(new Error(`The graph was refused: ${refused}`));
                });
            })""",
            [event, when, then],
        )

    def run(self) -> None:
        """Queue the graph, and wait until a picture is there."""
        self.page.evaluate(
            """() => new Promise((done, failed) => {
                window.app.api.addEventListener("execution_success", done, {once: true});
                window.app.api.addEventListener("execution_error", event => failed(event.detail), {once: true});
                window.app.queuePrompt(0, 1);
            })"""
        )


class Node:
    """A node with a drawing."""

    def __init__(self, frontend: Frontend, node_id: str) -> None:
        self.frontend, self.page, self.id = frontend, frontend.page, node_id

    def values(self, *names: str) -> list[Any]:
        inputs = self.frontend.prompt()[self.id]["inputs"]
        return [inputs[name] for name in names]

    def widget_value(self, name: str) -> Any:
        """Of a node that no output needs, and so isn't in the prompt."""
        return self.page.evaluate(
            """([id, name]) =>
                window.app.canvas.graph.getNodeById(id).widgets.find(each => each.name === name).value""",
            [int(self.id), name],
        )

    def inputs(self) -> dict[str, list[str]]:
        """What is connected to each input that is shown as a socket, by what the node calls it: [node id] or []."""
        return self.page.evaluate(
            """id => {
                const node = window.app.canvas.graph.getNodeById(id);
                const sockets = node.inputs.filter(({widget}) => !widget);
                const giver = ({link}) => link == null ? [] : [String(node.graph.links.get(link).origin_id)];
                return Object.fromEntries(sockets.map(slot => [slot.label ?? slot.name, giver(slot)]));
            }""",
            int(self.id),
        )

    def socket(self, name: str = "") -> tuple[float, float]:
        """Where an input's socket is in the window, by what the node calls it; without a name the first output's."""
        return tuple(
            self.page.evaluate(
                """([id, name]) => {
                    const {canvas} = window.app, node = canvas.graph.getNodeById(id);
                    const index = node.inputs.findIndex(slot => (slot.label ?? slot.name) === name);
                    const place = name ? node.getInputPos(index) : node.getOutputPos(0);
                    const {left, top} = canvas.canvas.getBoundingClientRect(), {offset, scale} = canvas.ds;
                    return [left + (place[0] + offset[0]) * scale, top + (place[1] + offset[1]) * scale];
                }""",
                [int(self.id), name],
            )
        )

    def draw_wire(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """From one place of the window to another, as a hand does."""
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
        self.page.mouse.move(*end, steps=4)
        self.page.mouse.up()
        self.settle()

    def wire_to(self, other: Node, name: str) -> None:
        """Draw a wire from the first output to another node's input."""
        self.draw_wire(self.socket(), other.socket(name))

    def type_value(self, name: str, value: Any) -> None:
        """As a typed value arrives."""
        self.page.evaluate(
            """([id, name, value]) => {
                const widget = window.app.canvas.graph.getNodeById(id).widgets.find(each => each.name === name);
                widget.value = value;
                widget.callback?.(value);
            }""",
            [int(self.id), name, value],
        )

    @property
    def drawing(self) -> Any:
        # Nodes of other graphs, which aren't shown, may have the same id.
        return self.page.locator(f'canvas[data-soat][data-node="{self.id}"]:visible')

    def until(self, condition: str) -> None:
        """Wait until an expression of `node` and its drawing, `canvas`, is true."""
        self.page.wait_for_function(
            """([id, condition]) => {
                const node = window.app.canvas.graph.getNodeById(id);
                const found = [...document.querySelectorAll(`[data-soat][data-node="${id}"]`)];
                const canvas = found.find(each => each.checkVisibility()) ?? found[0];
                return new Function("node", "canvas", `return ${condition}`)(node, canvas);
            }""",
            arg=[int(self.id), condition],
        )

    def colours(self) -> int:
        """How many colours there are in the drawing: a picture has many."""
        return self.drawing.evaluate(COLOURS)

    def until_it_shows_a_picture(self) -> None:
        self.until(f"({COLOURS})(canvas) > 1000")

    def click(self, place: tuple[float, float], **options: Any) -> None:
        """At a place of the drawing, in its own pixels."""
        self.drawing.click(position={"x": place[0], "y": place[1]}, **options)
        self.settle()

    def centre(self) -> None:
        """Bring the node into the middle of the window, so that nothing lies over its drawing."""
        self.bring_to_the_middle()
        self.drawing.wait_for(state="visible")
        self.box()

    def box(self) -> dict[str, float]:
        """Where the drawing is in the window: x, y, width, height. What was just made is there some frames later."""
        places = [self.drawing.bounding_box()]
        while len(places) < 3 or not places[-3] == places[-2] == places[-1]:
            self.settle()
            places.append(self.drawing.bounding_box())
        return places[-1]

    def bring_to_the_middle(self) -> None:
        self.page.evaluate(
            """id => {
                const node = window.app.canvas.graph.getNodeById(id), view = window.app.canvas.ds;
                view.scale = 1;
                view.offset[0] = 800 - node.pos[0] - node.size[0] / 2;
                view.offset[1] = 380 - node.pos[1] - node.size[1] / 2;
                window.app.canvas.setDirty(true, true);
            }""",
            int(self.id),
        )

    def choose(self, item: str) -> None:
        """An item of the menu of a node that is in view."""
        x, y = self.page.evaluate(
            """id => {
                const {canvas} = window.app, node = canvas.graph.getNodeById(id);
                return [node.pos[0] + 60 + canvas.ds.offset[0], node.pos[1] - 15 + canvas.ds.offset[1]];
            }""",
            int(self.id),
        )
        self.page.mouse.click(x, y, button="right")
        self.page.get_by_text(item).click()

    def settle(self) -> None:
        """Until two frames have been drawn, what was set has been shown."""
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """From one place of the drawing to another, in its own pixels."""
        box = self.box()
        self.page.mouse.move(box["x"] + start[0], box["y"] + start[1])
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + (start[0] + end[0]) / 2, box["y"] + (start[1] + end[1]) / 2)
        self.page.mouse.move(box["x"] + end[0], box["y"] + end[1])
        self.page.mouse.up()
        self.settle()

    def picture(self, path: Path) -> None:
        """The node as it looks."""
        left, top, width, height = self.page.evaluate(
            """id => {
                const node = window.app.canvas.graph.getNodeById(id), view = window.app.canvas.ds;
                const place = document.querySelector("canvas#graph-canvas").getBoundingClientRect();
                return [place.left + (node.pos[0] + view.offset[0]) * view.scale,
                    place.top + (node.pos[1] + view.offset[1] - 30) * view.scale,
                    node.size[0] * view.scale, (node.size[1] + 30) * view.scale];
            }""",
            int(self.id),
        )
        if self.drawing.count():
            drawing = self.drawing.bounding_box()
            height = max(height, drawing["y"] + drawing["height"] - top)
        self.page.mouse.move(5, 890)
        self.settle()
        clip = {"x": left - 12, "y": top - 12, "width": width + 24, "height": height + 24}
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, clip=clip, type="jpeg", quality=88)

    def size(self) -> tuple[float, float]:
        box = self.box()
        return box["width"], box["height"]


def opened(frontend: Frontend, example: str, kind: str, drawn: bool = True) -> Node:
    frontend.example(example)
    node = frontend.node(kind)
    if drawn:
        node.centre()
    return node


def cells(node: Node, count: int = 12) -> list[tuple[float, float]]:
    """The middles of a contact sheet's cells: six in a row, or as many as give the largest squares."""
    width, height = node.size()
    inner_width, inner_height = width - 12 - 32, height - 12
    sides = {columns: int(min(inner_width / columns, inner_height / -(-count // columns))) for columns in range(1, 13)}
    columns = max(sides, key=lambda columns: sides[columns])
    side, rows = sides[columns], -(-count // columns)
    left, top = 22 + (inner_width - columns * side) / 2, 6 + (inner_height - rows * side) / 2
    return [(left + (k % columns + 0.5) * side, top + (k // columns + 0.5) * side) for k in range(count)]
