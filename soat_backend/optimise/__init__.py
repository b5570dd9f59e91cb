"""Searches by gradients: what all of them share. Inversion is one."""

from .reconstruction import reconstruct, synthesize_differentiably
from .search import Problem, StopSearch, choose_starts, painting_weights, search, searchable, with_gradients

__all__ = [
    "Problem",
    "StopSearch",
    "choose_starts",
    "painting_weights",
    "reconstruct",
    "search",
    "searchable",
    "synthesize_differentiably",
    "with_gradients",
]
