"""A live Render: its picture follows a hand, one run at a time, and nothing else is run."""

from __future__ import annotations

from artist import Node, opened

# Runs begun, what they ran, and the longest the queue was, since this was called.
LISTEN = """() => {
    const {api} = window.app, seen = window.soatSeen = {begun: 0, ended: 0, ids: [], ran: [], longest: 0, last: 0};
    api.addEventListener("execution_start", ({detail}) => { seen.begun += 1; seen.ids.push(detail.prompt_id); });
    api.addEventListener("execution_success", () => { seen.ended += 1; seen.last = performance.now(); });
    api.addEventListener("executing", ({detail}) => detail && seen.ran.push(String(detail.node ?? detail)));
    api.addEventListener("status", ({detail}) =>
        seen.longest = Math.max(seen.longest, detail?.exec_info?.queue_remaining ?? 0));
}"""
# Nothing has followed the last run for a while: between two runs all that have begun have ended, too.
IDLE = """() => {
    const {begun, ended, last} = window.soatSeen;
    return begun > 0 && begun === ended && performance.now() - last > 2000;
}"""

# Of those runs the server's history keeps the newest alone.
TIDIED = """async () => {
    const past = await (await window.app.api.fetchApi("/history")).json();
    const kept = window.soatSeen.ids.filter(id => past[id]);
    return kept.length === 1 && kept[0] === window.soatSeen.ids.at(-1);
}"""


def switch(node, what):
    """By the node's menu: `on` or `off`."""
    node.bring_to_the_middle()
    node.settle()
    node.choose(f"Live picture: {what}")


def renders(frontend):
    """The Render of the blend, and that of the picture as it is."""
    blended = frontend.ids("ShiftBlend")[0]
    prompt = frontend.prompt()
    first, other = sorted(frontend.ids("Render"), key=lambda render: prompt[render]["inputs"]["features"][0] != blended)
    return Node(frontend, first), Node(frontend, other)


def test_only_the_live_picture_follows_a_drag_and_its_end_is_never_lost(frontend):
    node = opened(frontend, "06_shift_blend.json", "ShiftBlend")
    live, other = renders(frontend)
    frontend.run()
    node.until_it_shows_a_picture()
    frontend.page.evaluate(LISTEN)
    switch(live, "on")
    width, height = node.size()
    box = node.box()
    frontend.page.mouse.move(box["x"] + width / 2, box["y"] + height / 2)
    frontend.page.mouse.down()
    for step in range(12):
        frontend.page.mouse.move(box["x"] + width / 2 + 2 * step, box["y"] + height / 2)
        node.settle()
    frontend.page.mouse.up()
    frontend.page.wait_for_function(IDLE)
    seen = frontend.page.evaluate("() => window.soatSeen")
    assert seen["longest"] <= 1
    assert live.id in seen["ran"] and other.id not in seen["ran"]
    frontend.page.wait_for_function(TIDIED)
    # The last picture is that of the values as they are: a whole run finds it made.
    frontend.page.evaluate("() => Object.assign(window.soatSeen, {ran: []})")
    switch(live, "off")
    frontend.run()
    assert live.id not in frontend.page.evaluate("() => window.soatSeen.ran")


def test_a_number_that_is_typed_is_followed_and_nothing_runs_without_a_change(frontend):
    opened(frontend, "06_shift_blend.json", "ShiftBlend")
    live, _ = renders(frontend)
    frontend.page.evaluate(LISTEN)
    switch(live, "on")
    frontend.page.wait_for_function(IDLE)
    begun = frontend.page.evaluate("() => window.soatSeen.begun")
    assert begun == 1
    sampled = Node(frontend, frontend.ids("SampleLatent")[0])
    sampled.type_value("truncation_psi", 0.55)
    frontend.page.wait_for_function("() => window.soatSeen.ended === 2")
    sampled.type_value("truncation_psi", 0.55)
    sampled.settle()
    assert frontend.page.evaluate("() => window.soatSeen.begun") == 2


def test_the_switch_is_kept_with_the_workflow_and_is_no_input(frontend):
    opened(frontend, "06_shift_blend.json", "ShiftBlend")
    live, _ = renders(frontend)
    before = frontend.prompt()
    switch(live, "on")
    assert frontend.prompt() == before
    saved = frontend.saved()
    frontend.load(saved)
    assert Node(frontend, live.id).widget_value("live") is True
    (entry,) = [each for each in saved["nodes"] if each["id"] == int(live.id)]
    assert entry["widgets_values"] == [0]


# Runs take long, and what is asked of the Render is noted.
SLOW = """id => {
    const {api} = window.app, queuePrompt = api.queuePrompt;
    window.soatAsked = [];
    api.queuePrompt = async function (number, prompt, ...more) {
        window.soatAsked.push(prompt.output[id].inputs.coarse_side ?? 0);
        await new Promise(done => setTimeout(done, 700));
        return queuePrompt.call(this, number, prompt, ...more);
    };
}"""


def test_pictures_that_take_long_are_coarse_while_a_hand_moves_and_whole_at_its_end(frontend):
    node = opened(frontend, "06_shift_blend.json", "ShiftBlend")
    live, _ = renders(frontend)
    frontend.run()
    node.until_it_shows_a_picture()
    frontend.page.evaluate(LISTEN)
    frontend.page.evaluate(SLOW, live.id)
    switch(live, "on")
    frontend.page.wait_for_function(IDLE)
    width, height = node.size()
    box = node.box()
    frontend.page.mouse.move(box["x"] + width / 2, box["y"] + height / 2)
    frontend.page.mouse.down()
    for step in range(40):
        frontend.page.mouse.move(box["x"] + width / 2 + step, box["y"] + height / 2)
        node.settle()
        if len(frontend.page.evaluate("() => window.soatAsked")) > 3:
            break
    frontend.page.mouse.up()
    frontend.page.wait_for_function(IDLE)
    first, *moving, last = frontend.page.evaluate("() => window.soatAsked")
    assert first == 0 and last == 0
    assert moving and all(moving)
    # What is kept is the whole picture.
    switch(live, "off")
    frontend.page.evaluate("() => Object.assign(window.soatSeen, {ran: []})")
    frontend.run()
    assert live.id not in frontend.page.evaluate("() => window.soatSeen.ran")
