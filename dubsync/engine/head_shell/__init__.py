"""A head as a closed shell: depth of hair and skull, and what hides what when it turns far.

May import: core, and what lies below it in the engine.
"""
