"""Who speaks when: weights, mixtures with known truth, and the diarization error on them."""
