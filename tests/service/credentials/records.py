"""Records of a portrait and of a render, with all that credentials ask of them."""

DRAWN = {
    "synthetic_media": "synthetic: portrait made to move from 1 still by dubsync",
    "made": "2026-11-30T12:00:00+00:00",
    "performer": "Anna Bell",
    "inputs": [{"role": "still", "name": "Anna Bell.jpg", "sha256": "a" * 64},
               {"role": "dub", "name": "anna.wav", "sha256": "b" * 64}],
    "consent": [{"id": "C-9", "sha256": "c" * 64, "basis": "consent"}],
}  # fmt: skip
RENDER = {
    **DRAWN, "shot": "A001", "version": 2, "language": "it-IT",
    "frames": {"first": 0, "stop": 2, "rate": "24", "timecode": ""},
    "proof": {"frames": 2, "frames_changed": 1, "changed_outside": 0},
    "outputs": {"picture": {"file": "A001_v002.mkv", "sha256": "d" * 64}},
    "inputs": [{"role": "plate", "name": "A001.mov", "sha256": "e" * 64},
               {"role": "dub X", "name": "x.wav", "sha256": "f" * 64},
               {"role": "dub Y", "name": "y.wav", "sha256": "1" * 64}],
}  # fmt: skip
