"""Plugins run where their host put them; here they are found in the checkout."""

import sys

from tests.conftest import ROOT

for _folder in ("link", "resolve"):
    sys.path.insert(0, str(ROOT / "plugins" / _folder))
