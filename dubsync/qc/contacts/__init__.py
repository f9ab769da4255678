"""Contacts of the rendered mouth: closed lips, lip to teeth, rounded lips, teeth near.

May import: core, `qc`.
"""
