"""Edit media: its codecs, the hosts that open them, and what was written.

May import: core.
"""
