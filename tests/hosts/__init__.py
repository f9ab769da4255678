"""Plugins run where their host put them; here they are found in the checkout."""

import sys

from tests.conftest import ROOT

for _folder in ("link", "resolve", "hiero", "nuke", "rv"):
    sys.path.append(str(ROOT / "plugins" / _folder))  # after dubsync: Resolve has a dubsync.py
