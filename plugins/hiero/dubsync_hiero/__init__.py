"""dubsync in Hiero and Nuke Studio.  Standard library only, and Python 3.7.

Not verified in the host: written from the Foundry's Hiero Python API documents of Nuke 13 to 16,
and tested against a fake made of them.
"""
