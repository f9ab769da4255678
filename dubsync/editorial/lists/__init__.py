"""Lists beside the cut: ALE, shot list, pull list, notes, Avid markers.

May import: core, `editorial.cmx3600` and the packages below it.
"""
