"""What was altered in a version of a film, told to viewers and to machines.

May import: core, media, editorial, qc, service.
"""
