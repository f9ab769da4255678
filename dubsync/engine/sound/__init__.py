"""Sound: sound-driven mouth movement, A/V offset, and active speaker detection.

May import: core, `engine.take`, `engine.motion` and the packages below them.
"""
