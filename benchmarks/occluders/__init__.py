"""Occluders: labels of real ones, and where the hand models come from."""
