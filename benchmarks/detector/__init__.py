"""Whether a small network of our own tells drawn mouths from real ones."""
