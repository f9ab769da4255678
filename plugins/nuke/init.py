"""Nuke runs this file wherever it finds the folder; render machines need nothing of dubsync."""
