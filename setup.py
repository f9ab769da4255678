"""Puts the plugins of editing systems into the package, beside what pyproject.toml declares.

In a checkout they lie in plugins/, where each is developed with what its host asks for; an
installed dubsync has them in dubsync/hosts/, from which `dubsync plugins install` copies them.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PLUGINS = Path(__file__).parent / "plugins"
#: Not plugins of a host: an OpenTimelineIO plugin is a package of its own.
LEFT_OUT = ("otio",)


class WithPlugins(build_py):
    """Builds the package, and copies the plugins into it."""

    def run(self):
        super().run()
        if self.editable_mode:  # a checkout has them already
            return
        for folder in PLUGINS.iterdir():
            if folder.is_dir() and folder.name not in LEFT_OUT:
                shutil.copytree(
                    folder, Path(self.build_lib) / "dubsync" / "hosts" / folder.name,
                    ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True,
                )  # fmt: skip


setup(cmdclass={"build_py": WithPlugins})
