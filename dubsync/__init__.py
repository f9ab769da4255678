"""dubsync: fit the picture of a film to its dub."""

__version__ = "0.1.0"
