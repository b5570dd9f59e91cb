"""Procedural landscapes: skies, ridges, lakes and plains at any hour and season."""

from __future__ import annotations

from .landscapes import VERSION, render

__all__ = ["VERSION", "render"]
