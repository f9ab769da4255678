"""What an installation downloads and what it takes on disk, heaviest packages first.

    python -m benchmarks.install_size [--report FILE] [--extras test,check] [--json]

pip resolves the packages anew (`pip install --dry-run --report`), which may download some; FILE is
such a report made before.  Sizes on disk are those of the environment that runs this.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlparse
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[1]
SHOWN = 25  #: packages in the table
MB = 1e6


def resolved(extras: str) -> dict:
    """pip's installation report for dubsync with `extras`, on an empty environment."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        what = f"{ROOT}[{extras}]" if extras else str(ROOT)
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "-qqq", "--dry-run", "--ignore-installed",
             "--report", str(report), "-c", str(ROOT / "constraints.txt"), what],
            check=True,
        )  # fmt: skip
        return json.loads(report.read_text())


def downloaded(url: str) -> int:
    """Bytes of the file at `url`; 0 for the checkout itself."""
    parts = urlparse(url)
    if parts.scheme == "file":
        path = Path(unquote(parts.path))
        return path.stat().st_size if path.is_file() else 0
    with urlopen(Request(url, method="HEAD"), timeout=30) as answer:
        return int(answer.headers.get("Content-Length") or 0)


def installed(name: str) -> int:
    """Bytes of the package's files in this environment; 0 where it is not installed."""
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return 0
    return sum(path.stat().st_size for file in files if (path := Path(file.locate())).is_file())


def main() -> None:
    """Print a row for each of the heaviest packages, and the totals."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--report", type=Path)
    parser.add_argument("--extras", default="")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    report = json.loads(asked.report.read_text()) if asked.report else resolved(asked.extras)
    rows = [
        (one["metadata"]["name"], downloaded(one["download_info"]["url"]),
         installed(one["metadata"]["name"]))
        for one in report["install"]
    ]  # fmt: skip
    rows.sort(key=lambda row: -max(row[1:]))
    if asked.json:
        keys = ("name", "download", "installed")
        print(json.dumps([dict(zip(keys, row, strict=True)) for row in rows]))
        return
    print("| package | download, MB | on disk, MB |\n|---|---|---|")
    for name, wheel, disk in rows[:SHOWN]:
        print(f"| {name} | {wheel / MB:.1f} | {disk / MB:.1f} |")
    wheels, disks = (sum(column) / MB for column in list(zip(*rows, strict=True))[1:])
    print(f"| all {len(rows)} packages | {wheels:.0f} | {disks:.0f} |")


if __name__ == "__main__":
    main()
