"""Procedural portraits: stylised people in soft light, every attribute of which can be changed alone."""

from __future__ import annotations

from .boxes import part_box
from .cast import random_person
from .person import Person, take
from .portraits import FINE_SIZE, VERSION, Painting, averaged, check_size, paint, paint_large, render

__all__ = [
    "FINE_SIZE",
    "VERSION",
    "Painting",
    "Person",
    "averaged",
    "check_size",
    "paint",
    "paint_large",
    "part_box",
    "random_person",
    "render",
    "take",
]
