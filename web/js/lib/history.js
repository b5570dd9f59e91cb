// What a workflow's nodes told in earlier runs, out of the server's history.

/**
 * The last that each node told, by execution id, such as `7`, or `4:7` in a subgraph.
 *
 * history: the answer of /history, oldest first; workflow: the id of the one whose runs count.
 */
export function lastTold(history, workflow) {
  const told = {};
  for (const { prompt, outputs } of Object.values(history)) {
    if (prompt?.[3]?.extra_pnginfo?.workflow?.id !== workflow) continue;
    Object.assign(told, outputs);
  }
  return told;
}
