"""The exceptions that are minigrad's own; everything else is one of Python's."""

from __future__ import annotations


class LoadError(ValueError):
    """A file is damaged, or is not what its name says; the message names the file and the rule."""
