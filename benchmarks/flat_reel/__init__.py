"""The cuts of a flat reel found, against a reel whose cuts are known."""
