"""The reel of the farm's tests."""

from tests.service.farm.conftest import heard_reel, reel  # noqa: F401
