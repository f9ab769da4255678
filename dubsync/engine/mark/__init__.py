"""The invisible keyed mark in drawn pixels, laid out in the face's own coordinates; its reader."""
