"""How long an actor trains until more training does not help."""

from __future__ import annotations

import time
from typing import Any

import torch

from benchmarks.gpu.footage import close_ups
from dubsync.core.progress import silent
from dubsync.engine import actor as actors
from dubsync.engine.train import training

#: The plateau begins where the validation loss is within this share of its least.
WITHIN = 0.02


def training_row(
    px: int,
    device: torch.device,
    half: bool,
    minutes: float,
    exemplars: int,
    frames: int,
    steps: int = 0,
) -> dict[str, Any]:
    """Learn and train on the close-ups, `minutes` in all; seconds until the plateau.

    A two-minute actor keeps as many exemplars as one may, 450; the close-ups have 254 frames.
    """
    began = time.perf_counter()
    footage = [one.footage() for one in close_ups(px, frames=frames)]
    tracked = time.perf_counter()
    learnt = actors.learn("x", footage, most=exemplars, widest_px=px, progress=silent)
    known = time.perf_counter()
    left = max(0.02, minutes - (known - began) / 60)
    trained = training.train(
        learnt,
        minutes=left,
        size=px,
        steps=steps,
        kept=None,
        progress=silent,
        device=device,
        half=half,
    )
    facts = trained.training or {}
    curve: list[list[float]] = facts.get("curve", [])
    whole = float(facts.get("seconds", 0.0))
    least = min((loss for _, loss in curve), default=0.0)
    at = next((s for s, loss in curve if loss <= least * (1 + WITHIN)), 0.0)
    return {
        "crop_px": px, "exemplars": facts.get("frames"), "steps": facts.get("steps"),
        "tracked_s": round(tracked - began, 1), "learnt_s": round(known - tracked, 1),
        "pairs_and_proof_s": round(whole - (curve[-1][0] if curve else 0.0), 1),
        "trained_s": curve[-1][0] if curve else 0.0, "plateau_s": at,
        "loss": [curve[0][1], least] if curve else [],
    }  # fmt: skip
