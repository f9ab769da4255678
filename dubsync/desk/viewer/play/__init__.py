"""Playing in real time: the clock, the loop, the sound.

May import: `desk.session`, the pictures of the shot; PyQt5, sounddevice; `core`, `service`.
"""
