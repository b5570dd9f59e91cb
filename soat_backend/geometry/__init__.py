"""Places, canvases and windows of them."""
