"""The whole head of an actor: its matte, its outline, how hair, neck and shoulders follow its pose.

May import: core; engine packages below it (pyproject.toml, "Engine").
"""
