"""What a release needs to know of where it is published: addresses in pyproject.toml, and that tag and version agree.

    python docs/release.py https://github.com/OWNER/NAME v0.1.0

Changes pyproject.toml in place, for `comfy node publish` or its action; the change isn't committed.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def prepared(pyproject: str, repository: str, tag: str) -> str:
    """The text of pyproject.toml with the repository's address, icon and banner.

    Raises:
        ValueError: The tag isn't the version's, or the changelog's head hasn't it.
    """
    version = re.search(r'^version = "([^"]+)"$', pyproject, flags=re.M)
    if version is None or tag != f"v{version[1]}":
        raise ValueError(f"The tag is {tag}, and pyproject.toml has version {version and version[1]}: make them agree.")
    raw = repository.replace("://github.com/", "://raw.githubusercontent.com/") + f"/{tag}/docs/brand"
    urls = f'[project.urls]\nRepository = "{repository}"\nDocumentation = "{repository}#readme"\n'
    urls += f'"Bug Tracker" = "{repository}/issues"\nChangelog = "{repository}/blob/{tag}/CHANGELOG.md"\n\n[tool.comfy]'
    text = pyproject.replace("[tool.comfy]", urls, 1)
    text = re.sub(r'^Icon = ""$', f'Icon = "{raw}/icon.png"', text, flags=re.M)
    return re.sub(r'^Banner = ""$', f'Banner = "{raw}/banner.jpg"', text, flags=re.M)


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    path = ROOT / "pyproject.toml"
    text = prepared(path.read_text(encoding="utf-8"), sys.argv[1], sys.argv[2])
    released = f"## {sys.argv[2].removeprefix('v')}, "
    heads = [
        line for line in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines() if line.startswith("## ")
    ]
    if not heads[0].startswith(released) or "unreleased" in heads[0]:
        sys.exit(f"CHANGELOG.md begins with {heads[0]!r}: give the version its date first.")
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
