"""Verbs that write much run alone in a project, or say who runs it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click


def runs_alone(name: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """The verb `name`, refused while another process runs its REEL; it gets the option --wait."""

    def decorated(function: Callable[..., int]) -> Callable[..., int]:
        @click.option("--wait", is_flag=True, help="Wait while another run of REEL works.")
        @wraps(function)
        def run(*args: Any, wait: bool, **options: Any) -> int:
            from dubsync.core.waiting.answering import answering
            from dubsync.service.store.one_run import OneRun

            reel: Path = options["reel"]
            with answering(reel, "opening the project"):
                there = (reel / "dubsync.toml").is_file()
            if not there:
                return function(*args, **options)  # which says what is wrong
            with OneRun(reel, name, wait=wait):
                return function(*args, **options)

        return run

    return decorated
