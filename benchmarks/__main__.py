"""`make bench`: every measurement, one after the other."""

import subprocess
import sys

PARTS = ("tracking", "renderer", "drive", "takes", "voices", "speaking", "editorial", "pipeline")

if __name__ == "__main__":
    ended = [subprocess.run([sys.executable, "-m", f"benchmarks.{part}"]) for part in PARTS]
    sys.exit(max(process.returncode for process in ended))
