"""Mouth, eyes, gaze and detail laid into a drawn head, from exemplars of their own.

May import: core, head_draw's canvas and warp, and what lies below head_draw in the engine.
"""
