"""What an engine learns of people, and the steps that learn it: actors, renderers, styles, heads.

May import: core.
"""
