"""Pictures for people: difference keys, contact sheets, review and triage strips, slates, marks.

May import: core, `qc`.
"""
