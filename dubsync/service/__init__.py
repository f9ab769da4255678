"""What one can ask of dubsync: projects, the line from plate to render, consent, records.

May import: core, editorial, media, qc, speech; the engine is loaded by name.
"""
