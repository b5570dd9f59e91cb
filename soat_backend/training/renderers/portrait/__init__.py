"""Procedural portraits: stylised people in soft light, every attribute of which can be changed alone."""

from __future__ import annotations

from .boxes import part_box
from .cast import random_person
from .person import Person, take
from .render import VERSION, check_size, paint, render

__all__ = ["VERSION", "Person", "check_size", "paint", "part_box", "random_person", "render", "take"]
