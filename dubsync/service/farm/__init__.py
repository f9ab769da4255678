"""A reel as a job for several machines: an Open Job Description bundle, and the tasks of one.

May import: core, `service.tasks`, `service.project`, `service.keys`, `service.store`,
`service.reel`, `service.settings`.
"""
