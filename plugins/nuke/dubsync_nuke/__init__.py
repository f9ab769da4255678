"""dubsync in Nuke.  Standard library only, and Python 3.7, which Nuke 13 has.

Not verified in the host: written from the Foundry's Nuke Python API documents of Nuke 13 to 16,
and tested against a fake made of them.
"""
