"""The package tree with what lives in each package, from the docstrings of `__init__.py`."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

from docs.generate.blocks import table

_PACKAGE = Path(__file__).parents[2] / "dubsync"
#: The order from the top layer down, as pyproject.toml's first contract has it.
LAYERS = ("cli", "service", "editorial", "engine", "media", "qc", "speech", "core")


def packages() -> str:
    """The generated part: a table for each layer, with a row for each of its packages."""
    parts = []
    for layer in LAYERS:
        rows = [(f"`{path.name}/`", *_told(path)) for path in sorted((_PACKAGE / layer).iterdir())
                if (path / "__init__.py").is_file()]  # fmt: skip
        parts += [f"### `dubsync/{layer}/`", _told(_PACKAGE / layer)[0]]
        if rows:
            parts.append(table(("package", "what lives there", "may import"), rows))
    return "\n\n".join(parts)


def layers() -> str:
    """The generated part: the order inside each craft, from the contracts in pyproject.toml."""
    text = (_PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8")
    parts = []
    for contract in tomllib.loads(text)["tool"]["importlinter"]["contracts"]:
        container = contract.get("containers", ["dubsync"])[0]
        if contract["type"] == "layers" and container != "dubsync":
            order = "\n".join(f"    {layer}" for layer in contract["layers"])
            parts += [f"**{container.removeprefix('dubsync.')}**", order]
    return "\n\n".join(parts)


def _told(folder: Path) -> tuple[str, str]:
    """What lives in a package, and what it may import ("" where it does not say)."""
    tree = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
    text = " ".join((ast.get_docstring(tree) or "").split())
    lives, _, imports = text.partition("May import:")
    return lives.strip(), re.sub(r"\.$", "", imports.strip())
