"""A reel as tasks: what there is to do, what waits for what, and each done by itself (DR038).

May import: core, `service.project` and what is below it.
"""
