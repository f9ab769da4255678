"""What a GPU does: training, drawing, whole shots.  See `benchmarks.gpu.__main__`."""
