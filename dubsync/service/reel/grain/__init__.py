"""The grain of the plates of a reel: measured, kept, and given to what is drawn.

May import: core, media, `service.reel.inputs` and the packages below it.
"""
