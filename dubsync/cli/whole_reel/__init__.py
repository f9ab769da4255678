"""Verbs and options for whole reels: tasks, and several of them at once.

May import: core, service, and the modules of cli that every verb shares.
"""
