"""Lists beside the cut: ALE, shot list, pull list.

May import: core, `editorial.cmx3600` and the packages below it.
"""
