"""What counts as a voice: made music, noise and voices, the network taught on them, figures."""
