"""Sound to mouth, A/V offset, and which face on screen is speaking.

May import: core, `engine.take`, `engine.motion` and what lies below them.
"""
