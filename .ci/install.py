"""Install packages with pip into the environment that runs this, and say what happens.

    python .ci/install.py PIP_ARGUMENTS...

pip's own output goes to build/pip.log: its warnings about a machine's package sources would drown
the rest.  Where it fails, its errors are shown.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

LOG = Path("build/pip.log")
FETCHED = re.compile(
    r"(?:Downloading|Using cached|Processing) (?:\S*/)?([A-Za-z0-9_.]+?)-(\d[^-\s]*?)"
    r"(?:-\S*\.whl|\.tar\.gz)(?: \(([\d.]+ [kMG]B)\))?"
)
LARGE = re.compile(r"([2-9]\d|\d{3,})\.\d MB|GB")
EVERY = 25  #: packages between two counts
LONGEST = 300  #: characters of an error: pip lists every version that there is
ERRORS = re.compile(r"^\S+ +(?:ERROR: |error: )(.*)", re.MULTILINE)


def main(arguments: list[str]) -> int:
    """Run `pip install ARGUMENTS`; pip's exit code."""
    LOG.parent.mkdir(exist_ok=True)
    LOG.unlink(missing_ok=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--log", str(LOG)]
    process = subprocess.Popen(
        [*pip, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    fetched: set[str] = set()
    read, installing = 0, False
    while process.poll() is None:
        time.sleep(0.5)
        text = LOG.read_text(errors="replace") if LOG.exists() else ""
        new, read = text[read : text.rfind("\n") + 1], max(read, text.rfind("\n") + 1)
        for name, version, size in FETCHED.findall(new):
            if name not in fetched:
                fetched.add(name)
                if LARGE.search(size):
                    print(f"     {name} {version}: {size}", flush=True)
                if len(fetched) % EVERY == 0:
                    print(f"     {len(fetched)} packages fetched", flush=True)
        if "Installing collected packages" in new and not installing:
            installing = True
            print(f"     {len(fetched)} packages fetched; unpacking them", flush=True)
    if process.returncode:
        log = LOG.read_text(errors="replace") if LOG.exists() else ""
        for line in dict.fromkeys(ERRORS.findall(log)):
            print(f"pip: {line[:LONGEST]}", file=sys.stderr)
        print(f"The installation failed. All that pip says is in {LOG}.", file=sys.stderr)
    return process.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
