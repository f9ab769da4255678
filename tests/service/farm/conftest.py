"""The reel of the farm's tests."""

from tests.service.heard_reel import heard_reel, reel  # noqa: F401
