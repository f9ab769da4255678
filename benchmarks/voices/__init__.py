"""Diarization: weights, mixtures with ground truth, and the diarization error on them."""
