"""The reel of the farm's tests."""

from tests.service.tasks.heard_reel import heard_reel, reel  # noqa: F401
