"""The reel of the tasks' tests."""

from tests.service.tasks.heard_reel import heard_reel, reel  # noqa: F401
