"""dubsync in OpenRV and RV.  Standard library only, and Python 3.7.

Not verified in the host: written from OpenRV's reference manual and Python API, and tested against
a fake made of them.
"""
