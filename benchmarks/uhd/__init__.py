"""Large faces: 700 to 1,400 pixels in UHD.  See `benchmarks.uhd.__main__`."""
