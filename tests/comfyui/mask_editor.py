"""ComfyUI's own mask editor, as an artist uses it."""

from __future__ import annotations

from typing import Any

# Whether its picture is there: all that is painted on is as large as it is.
READY = """() => {
    const [picture, ...painted] = document.querySelectorAll("#maskEditorCanvasContainer canvas");
    const width = parseFloat(document.querySelector("#maskEditorCanvasContainer").style.width);
    return width > 0 && picture.width > 300 && painted.length && painted.every(each => each.width === picture.width);
}"""
# How much of the picture is painted, from 0 to 1: the mask is the third of what lies over one another.
PAINTED = """() => {
    const mask = document.querySelectorAll("#maskEditorCanvasContainer canvas")[2];
    const {data} = mask.getContext("2d").getImageData(0, 0, mask.width, mask.height);
    let painted = 0;
    for (let index = 3; index < data.length; index += 4) painted += data[index] > 127;
    return 4 * painted / data.length;
}"""


class MaskEditor:
    """The editor, once it is open and its picture is there."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.root = page.get_by_test_id("mask-editor-root")
        self.root.wait_for()
        page.wait_for_function(READY)

    def stroke(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Paint from one place to another, in parts of the picture."""
        box = self.page.locator("#maskEditorCanvasContainer").bounding_box()
        before = self.painted()
        for index, (x, y) in enumerate((start, end)):
            place = box["x"] + x * box["width"], box["y"] + y * box["height"]
            self.page.mouse.move(*place, steps=12 if index else 1)
            if not index:
                self.page.mouse.down()
        self.page.mouse.up()
        self.page.wait_for_function(f"before => ({PAINTED})() > before", arg=before)

    def painted(self) -> float:
        """The painted part of the picture."""
        return self.page.evaluate(PAINTED)

    def save(self) -> None:
        self._end("Save")

    def cancel(self) -> None:
        self._end("Cancel")

    def _end(self, button: str) -> None:
        self.page.locator(".mask-editor-dialog").get_by_role("button", name=button).click()
        self.root.wait_for(state="detached")
