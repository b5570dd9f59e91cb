"""Squares cut out of photos and put back, turned and scaled as a generator wants them."""

from .square import Crop, cut, paste, square_crop

__all__ = ["Crop", "cut", "paste", "square_crop"]
