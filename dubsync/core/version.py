"""The version of dubsync, as `dubsync --version` prints it and records keep it."""

__version__ = "0.1.0"
