"""Workflows of the frontend's format, read as the frontend reads them."""
