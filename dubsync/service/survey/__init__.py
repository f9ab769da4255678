"""What a new reel could be made of: the files of a folder, and the plates that a cut finds.

May import: core, editorial, media; settings.
"""
