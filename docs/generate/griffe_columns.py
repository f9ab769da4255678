"""The griffe extension that mkdocs.yml names: docstrings with columns become lists.

"Example:" becomes "Examples:", the section of Google's style whose >>> lines are shown as code.
"""

from __future__ import annotations

from typing import Any

import griffe

from docs.generate.columns import listed


class Columns(griffe.Extension):  # type: ignore[misc]
    """Rewrites each docstring as it is loaded."""

    def on_module(self, *, mod: Any, **_: Any) -> None:
        """Called by griffe for every module."""
        self.on_object(obj=mod)

    def on_object(self, *, obj: Any, **_: Any) -> None:
        """Called by griffe for every class, function and attribute."""
        if obj.docstring is not None:
            text = obj.docstring.value.replace("\nExample:\n", "\nExamples:\n")
            obj.docstring.value = listed(text)
