"""What things are: frozen values, exact time, every refusal.  Opens no file, knows no device.

May import: nothing of dubsync.
"""
