"""Canvases and windows of them."""
