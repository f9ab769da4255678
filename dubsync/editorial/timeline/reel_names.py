"""Reel names in EDLs: reserved names that stand for no tape, and the lengths of reel columns."""

from __future__ import annotations

#: Reserved reel names for black.
BLACK_REELS = frozenset({"BL", "BLACK", "BLK"})
#: Width of the reel column in a classic EDL, and in the "File_32" EDLs of Avid and Resolve.
SHORT_REEL, LONG_REEL = 8, 32
