"""Verbs of render farms: a reel as a job, a job's tasks, and how they tell their progress.

May import: core, service, other modules of cli.
"""
