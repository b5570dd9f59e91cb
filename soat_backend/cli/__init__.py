"""The command line `python -m soat`: run, nodes, inspect, convert, train. One small module a command."""

from .main import main
from .pack import Host, NodePack

__all__ = ["Host", "NodePack", "main"]
