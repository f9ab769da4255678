"""Fuzzing: every reader of editorial, damaged files in, a result or words out.

    python -m benchmarks.fuzz --minutes 10 [--only edl,aaf] [--seed S] [--json] [--keep FOLDER]
    python -m benchmarks.fuzz --replay edl:1234 [--seed S]      # one case again, its trace shown

Seeds are files made by the tests and, where they lie beside the checkout, ../shared/timelines.
Each case is damaged by benchmarks/mutations.py, read in a child process that may use 1 GiB of
address space; what was read is listed as JSON, resolved and written again in one format in turn.
A case fails that ends in anything but a result or a DubsyncError, takes 10 s of processor or dies.
`python -m benchmarks.fuzz_coverage` is the same led by coverage (atheris).
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import click

from benchmarks.fuzz_cases import FORMS, Form, forms
from benchmarks.mutations import mutated
from dubsync.core.errors import DubsyncError

MOST_SECONDS = 10
MOST_MEMORY = 1 << 30
BATCH = 400


class TooLong(BaseException):
    """A case took more than MOST_SECONDS; no reader may catch it."""


@dataclass
class Tally:
    """What came of one reader's cases."""

    cases: int = 0
    read: int = 0
    refused: int = 0
    resolved: int = 0
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0
    slowest_case: int = -1
    memory: int = 0  # bytes of the fattest child, resident
    seconds: float = 0.0


def damaged(form: Form, number: int, seed: int) -> bytes:
    """The bytes of a case."""
    rng = Random(f"{seed}:{form.name}:{number}")
    return mutated(rng, rng.choice(form.seeds), form.seeds, form.shape)


def outcome(form: Form, number: int, seed: int, folder: Path) -> dict[str, Any]:
    """Run one case: "read", "resolved", "refused", or "failed" with its trace."""
    path = folder / f"case{form.suffix}"
    try:
        path.write_bytes(damaged(form, number, seed))
    except (RecursionError, MemoryError):  # the damage itself is too much: no case
        path.write_bytes(form.seeds[0])
    began = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        ended, trace = form.look(path, number), ""
    except DubsyncError as error:
        ended, trace = ("refused", "") if str(error) else ("failed", "a refusal without words")
    except TooLong:
        ended, trace = (
            "failed",
            f"took more than {MOST_SECONDS} s\n{traceback.format_exc()[-1500:]}",
        )
    except MemoryError:
        ended, trace = "failed", f"more than 1 GiB\n{traceback.format_exc()[-1500:]}"
    except Exception:
        ended, trace = "failed", traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    took = time.process_time() - began
    return {"case": number, "ended": ended, "trace": trace, "seconds": took}


def child(form: Form, first: int, seed: int, until: float, pipe: int, folder: Path) -> None:
    """Cases from `first` on until the batch or the time is over, each reported to the parent."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def alarm(*_: object) -> None:
        raise TooLong

    signal.signal(signal.SIGPROF, alarm)
    for number in range(first, first + BATCH):
        if time.monotonic() > until:
            break
        os.write(pipe, f"{json.dumps({'begin': number})}\n".encode())
        row = outcome(form, number, seed, folder)
        row["memory"] = max(
            resource.getrusage(who).ru_maxrss
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        ) * 1024  # fmt: skip
        os.write(pipe, f"{json.dumps(row)}\n".encode())


def batch(form: Form, first: int, seed: int, until: float, tally: Tally, folder: Path) -> int:
    """One child's cases into `tally`; the number of the next case."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        code = 1
        try:
            child(form, first, seed, until, writing, folder)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    number, hung, waiting = first, False, b""
    with os.fdopen(reading, "rb", buffering=0) as lines:
        while True:
            ready, _, _ = select.select([lines], [], [], MOST_SECONDS * 12)
            if not ready:  # asleep, or in code that no alarm reaches
                hung = True
                os.kill(process, signal.SIGKILL)
                break
            piece = lines.read(1 << 16)
            if not piece:
                break
            *whole, waiting = (waiting + piece).split(b"\n")
            for line in whole:
                row = json.loads(line)
                if "begin" in row:
                    number = row["begin"]
                else:
                    counted(row, tally)
                    number += 1
    _, status = os.waitpid(process, 0)
    if hung or status:
        why = "hung" if hung else f"ended the process (status {status})"
        tally.cases += 1
        tally.failures.append(f"case {number}: {why}")
        number += 1
    return number


def counted(row: dict[str, Any], tally: Tally) -> None:
    """One outcome into the tally."""
    tally.cases += 1
    tally.read += row["ended"] in ("read", "resolved")
    tally.resolved += row["ended"] == "resolved"
    tally.refused += row["ended"] == "refused"
    if row["ended"] == "failed":
        tally.failures.append(f"case {row['case']}: {row['trace']}")
    if row["seconds"] > tally.slowest:
        tally.slowest, tally.slowest_case = round(row["seconds"], 2), row["case"]
    tally.memory = max(tally.memory, row["memory"])


def fuzzed(chosen: list[Form], minutes: float, seed: int) -> dict[str, Tally]:
    """All chosen readers, a batch of each in turn, until the time is over."""
    tallies = {form.name: Tally() for form in chosen}
    numbers = dict.fromkeys(tallies, 0)
    until = time.monotonic() + minutes * 60
    with tempfile.TemporaryDirectory(prefix="fuzz") as name:
        while time.monotonic() < until:
            for form in chosen:
                began = time.monotonic()
                share = min(until, began + minutes * 60 / len(chosen) / 4)
                tally = tallies[form.name]
                numbers[form.name] = batch(form, numbers[form.name], seed, share, tally, Path(name))
                tally.seconds += time.monotonic() - began
    return tallies


def kinds(failures: list[str]) -> list[tuple[str, int, str]]:
    """(last two places and message, how many, first of them) of failures, commonest first."""
    groups: Counter[str] = Counter()
    first: dict[str, str] = {}
    for failure in failures:
        lines = [line.strip() for line in failure.splitlines() if line.strip()]
        places = [line.split("/")[-1] for line in lines if line.startswith("File ")]
        key = " | ".join([*places[-2:], lines[-1][:90] if len(lines) > 1 else lines[0]])
        if len(lines) == 1:
            key = lines[0].partition(":")[2]
        groups[key] += 1
        first.setdefault(key, failure)
    return [(key, count, first[key]) for key, count in groups.most_common()]


def listed(name: str, tally: Tally) -> str:
    """A tally as a line, and each kind of failure below it."""
    line = (
        f"{name:>12}: {tally.cases} cases in {tally.seconds:.0f} s, {tally.read} read "
        f"({tally.resolved} resolved), {tally.refused} refused, {len(tally.failures)} failed; "
        f"slowest {tally.slowest} s (case {tally.slowest_case}), {tally.memory >> 20} MiB"
    )
    for key, count, example in kinds(tally.failures):
        line += f"\n    {count} x {key}   first: {example.partition(chr(10))[0][:60]}"
    return line


def replay(form: Form, number: int, seed: int, keep: Path | None) -> None:
    """One case again, in this process, its trace printed."""
    try:
        data = damaged(form, number, seed)
    except (RecursionError, MemoryError):
        data = form.seeds[0]
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{form.name}-{number}{form.suffix}").write_bytes(data)
    with tempfile.TemporaryDirectory(prefix="fuzz") as name:
        path = Path(name) / f"case{form.suffix}"
        path.write_bytes(data)
        click.echo(data[:600])
        began = time.monotonic()
        try:
            click.echo(form.look(path, number))
        except DubsyncError as error:
            click.echo(f"refused: {error}")
        click.echo(f"{time.monotonic() - began:.2f} s")


@click.command()
@click.option("--minutes", default=10.0, show_default=True)
@click.option("--only", default="", help=f"Readers to fuzz, of {', '.join(FORMS)}.")
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True)
@click.option("--replay", "again", default="", help="READER:CASE to run again by itself.")
@click.option("--keep", type=click.Path(path_type=Path), help="Put replayed cases here.")
def main(
    minutes: float, only: str, seed: int, as_json: bool, again: str, keep: Path | None
) -> None:
    """Fuzz every reader; exit code 1 where a case failed."""
    if again:
        name, _, number = again.partition(":")
        replay(forms([name])[0], int(number), seed, keep)
        return
    tallies = fuzzed(forms(only.split(",") if only else list(FORMS)), minutes, seed)
    if as_json:
        click.echo(json.dumps({name: asdict(tally) for name, tally in tallies.items()}))
    else:
        for name, tally in tallies.items():
            click.echo(listed(name, tally))
    sys.exit(any(tally.failures for tally in tallies.values()))


if __name__ == "__main__":
    main()
