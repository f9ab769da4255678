"""dubsync in DaVinci Resolve.  Standard library only, and Python 3.7.

Not verified in the host: written from the scripting README of Resolve 20.3 (7 October 2025) and
21.1, and tested against a fake made of it.
"""
