"""Fuzzing led by coverage: atheris grows inputs that reach code no other input reached.

    python -m benchmarks.fuzz_coverage READER FOLDER [-max_total_time=60 ...]

READER is one of benchmarks/fuzz_cases.py, FOLDER keeps what was found; the rest goes to libFuzzer.
atheris is in no list of requirements (pip install atheris): it has wheels for Linux on x86-64.
AAF is left out: pyaaf2 works in a process of its own, which no coverage reaches.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["dubsync.editorial", "dubsync.core"]):
    from benchmarks.fuzz_cases import FORMS
    from dubsync.core.errors import DubsyncError

LIMITS = ("-timeout=10", "-rss_limit_mb=1024", "-max_len=20000", "-print_final_stats=1")


def main() -> None:
    """Fuzz until libFuzzer's own limits end it; it writes what fails beside FOLDER."""
    name, kept, *options = sys.argv[1:]
    form = FORMS[name]()
    folder = Path(kept)
    folder.mkdir(parents=True, exist_ok=True)
    for n, seed in enumerate(seed for seed in form.seeds if len(seed) < 20_000):
        (folder / f"seed{n}").write_bytes(seed)
    path = Path(tempfile.mkdtemp(prefix="fuzz")) / f"case{form.suffix}"

    def one(data: bytes) -> None:
        path.write_bytes(data)
        try:
            form.look(path, len(data))
        except DubsyncError as error:
            assert str(error)

    prefix = f"-artifact_prefix={folder}/failed-"
    atheris.Setup([sys.argv[0], str(folder), *LIMITS, prefix, *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
