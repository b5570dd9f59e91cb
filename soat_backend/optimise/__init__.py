"""Searches by gradients: what all of them share. Inversion is one."""

from .reconstruction import reconstruct, synthesize_differentiably
from .search import Problem, StopSearch, choose_starts, search

__all__ = ["Problem", "StopSearch", "choose_starts", "reconstruct", "search", "synthesize_differentiably"]
