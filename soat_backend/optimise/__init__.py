"""Searches by gradients: what all of them share."""
