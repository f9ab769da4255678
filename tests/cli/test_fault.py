"""No traceback reaches a user: a fault is a message and a file to send."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BROKEN = """
import sys
from dubsync.cli.main import main
from dubsync.service.turnover import probe

def broken(*given, **more):
    raise {error}

probe.probe = broken
sys.argv = ["dubsync", "probe", "{file}", *{options}]
main()
"""


def run(tmp_path, error, *options, into=subprocess.PIPE):
    file = tmp_path / "cut.edl"
    file.write_text("TITLE: R1\n")
    code = BROKEN.format(error=error, file=file, options=list(options))
    return subprocess.run(
        [sys.executable, "-c", code], stdout=into, stderr=subprocess.PIPE, text=True, timeout=120,
        env={"TMPDIR": str(tmp_path), "PATH": ""}, cwd=Path(__file__).parents[2],
    )  # fmt: skip


def test_a_fault_of_dubsync_is_a_message_and_a_file_to_send(tmp_path):
    ran = run(tmp_path, "ZeroDivisionError('by nothing')")
    assert ran.returncode == 1 and "Traceback" not in ran.stderr
    assert "Error: dubsync has a fault: ZeroDivisionError: by nothing" in ran.stderr
    (kept,) = tmp_path.glob("dubsync_fault_*.txt")
    assert str(kept) in ran.stderr and "Traceback" in kept.read_text()


def test_a_refusal_of_the_operating_system_is_no_fault_of_dubsync(tmp_path):
    ran = run(tmp_path, "OSError(28, 'No space left on device', 'x.mkv')")
    assert ran.returncode == 1 and "Traceback" not in ran.stderr
    assert "the operating system refused: [Errno 28] No space left on device" in ran.stderr


def test_a_fault_under_json_is_an_object_too(tmp_path):
    ran = run(tmp_path, "KeyError('x')", "--json")
    assert json.loads(ran.stdout)["kind"] == "Fault" and ran.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_behind_standard_output_is_no_traceback_either(tmp_path):
    with open("/dev/full", "w") as full:
        ran = run(tmp_path, "OSError(28, 'No space left on device')", "--json", into=full)
    assert ran.returncode == 1 and "Traceback" not in ran.stderr
    assert "Error: the operating system refused" in ran.stderr
