"""The voices of a mixed stem, and which voice is which character.

May import: core, speech, `service.faces`, `service.stems` and the packages below them.
"""
