"""Reel names as lists and hosts know them: which name no tape, and how long they may be."""

from __future__ import annotations

#: Reels that name no tape: black, auxiliary, generated.
BLACK_REELS = frozenset({"BL", "BLACK", "BLK"})
#: Columns of a reel in a classic list, and in the "File_32" lists of Avid and Resolve.
SHORT_REEL, LONG_REEL = 8, 32
