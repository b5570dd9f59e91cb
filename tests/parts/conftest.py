"""Small StyleGAN3s are made where those are tested."""

from __future__ import annotations

import sys
from pathlib import Path

# pytest's importlib mode doesn't let test files import each other by themselves.
sys.path.insert(0, str(Path(__file__).parents[1] / "stylegan3"))
