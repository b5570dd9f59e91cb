// Files as ComfyUI's inputs name them.

/** What `photo.png`, `folder/photo.png` or `photo.png [output]` is: { filename, subfolder, type }. */
export function entryOf(name) {
  const [, path, type = "input"] = /^(.*?)(?: \[(input|output|temp)\])?$/.exec(name);
  const end = path.lastIndexOf("/");
  return { filename: path.slice(end + 1), subfolder: path.slice(0, Math.max(end, 0)), type };
}
