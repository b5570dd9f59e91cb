"""Squares cut out of photos and put back, turned and scaled as a generator wants them."""

from .square import Crop, cut, paste, size_of, square_crop

__all__ = ["Crop", "cut", "paste", "size_of", "square_crop"]
