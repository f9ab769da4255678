"""Measurements of the desk: how fast a change, a frame, a page is on the screen."""
