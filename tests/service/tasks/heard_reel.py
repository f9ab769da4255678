"""The reel whose dubs were heard, under the name that tests of other folders import."""

from tests.service.conftest import heard_reel, reel  # noqa: F401
