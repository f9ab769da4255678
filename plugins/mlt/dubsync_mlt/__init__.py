"""dubsync for projects of MLT: Kdenlive, Shotcut and melt, which have no panels of their own.

Python 3.7, standard library only.
"""
