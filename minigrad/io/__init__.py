"""Files: `save` and `load`."""

from minigrad.io.files import load, save

__all__ = ["load", "save"]
