"""An actor: the exemplar bank and the models learnt of one performer, saved and loaded."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as from_safetensors
from safetensors.numpy import save as to_safetensors

from dubsync.core.digest import digest
from dubsync.core.documents import read_json
from dubsync.core.errors import DeliveryError, DubsyncError, ModelError
from dubsync.core.progress import Progress
from dubsync.core.steps import Actor, FilmedTake, Footage, HeldOut, RendererName, SpeakingStyle
from dubsync.engine.exemplars import refine
from dubsync.engine.exemplars.bank import LARGE_PX, Bank, gather
from dubsync.engine.exemplars.fine_detail import FineDetail
from dubsync.engine.exemplars.refine import Appearance
from dubsync.engine.exemplars.selection import PoseFeatures
from dubsync.engine.exemplars.uncovered import uncovered
from dubsync.engine.expression.expression_model import ExpressionModel, learn_expression
from dubsync.engine.face_region.eye_bank import EyeBank, EyeGatherer
from dubsync.engine.motion.basis import Basis, learn_basis
from dubsync.engine.motion.fit import fit
from dubsync.engine.network.learned_renderer import LearnedRenderer
from dubsync.engine.sound.drive import learn_sound
from dubsync.engine.sound.sound_head import Head

SCHEMA = "dubsync.actor/3"
WEIGHTS, FACTS = "actor.safetensors", "actor.json"
#: The exemplars' pictures, in a file of their own: a training does not change them, so that the
#: actor as trained can share the file of the actor as learnt.  Earlier versions wrote none.
PICTURES = "pictures.safetensors"
_OF_PICTURES = ("picture.", "hidden.", "eyes.", "fine.", "fine_range.")
POSE_FIELDS = ("shape", "turn", "speed", "gap")

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class LearntActor:
    """One performer.  Implements `core.steps.Actor`.

    model       the linear face model in whose basis this actor's motions are expressed
    bank        the exemplars: their frames to draw from
    sound       arrays of the sound-to-mouth model, named as by `SoundMouth.arrays`; empty if none
    appearance  the model that refines landmarks; None where there are too few frames
    expression  what the tracker's scores mean in this face; None in actors learnt before 2026-12
    renderer    the actor's own trained renderer; None before training
    eyes        exemplars of the face above the mouth; None where no frame shows it free
    """

    character: str
    model: Basis
    bank: Bank
    sound: Arrays = field(default_factory=dict)
    appearance: Appearance | None = None
    renderer: LearnedRenderer | None = None
    held_out: Mapping[str, Mapping[RendererName, HeldOut]] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    eyes: EyeBank | None = None
    digest: str = ""
    expression: ExpressionModel | None = None

    def __post_init__(self) -> None:
        if not self.digest:
            object.__setattr__(self, "digest", _content_digest(self))

    @property
    def basis(self) -> str:
        return self.model.digest


def learn(
    character: str,
    footage: Sequence[Footage],
    *,
    most: int,
    widest_px: int,
    refined: bool = True,
    head: Head | None = None,
    progress: Progress,
) -> LearntActor:
    """Implements `core.steps.Learn`: an actor from all the footage that shows them.

    Exemplars are selected from the tracks; only their frames are read.

    Args:
        most: exemplars kept at most.
        widest_px: faces whose crop is wider are scaled down.
        refined: whether landmarks are refined to sub-pixels by the actor's appearance model.
        head: the sound head; None: the one that ships.

    Raises:
        NoFace: no frame shows the face, or the mouth is covered in all that do.
    """
    footage = uncovered(footage, character)
    model = learn_basis([part.track for part in footage])
    eyes = EyeGatherer(footage, model, min(widest_px, LARGE_PX))
    bank = gather(
        eyes.footage(), most=most, widest_px=widest_px, progress=progress, character=character
    )
    motions = [fit(part.track, model) for part in footage]
    sound = learn_sound(footage, model, motions, head=head)
    expression = learn_expression([part.track for part in footage], motions, model)
    arrays: Arrays = {} if sound is None else sound.arrays()
    # A model of the skin must not learn what stands in front of it.
    refined = refined and not bank.hidden
    result = _appearance(bank) if refined else None
    if result is None:
        return LearntActor(character, model, bank, arrays, eyes=eyes.bank(), expression=expression)
    appearance, points = result
    bank = replace(bank, points=points)
    return LearntActor(
        character, model, bank, arrays, appearance, eyes=eyes.bank(), expression=expression
    )


def _appearance(bank: Bank) -> tuple[Appearance, NDArray[np.float32]] | None:
    return refine.learn(bank.pictures, bank.points, bank.model, large=bool(bank.fine))


def learn_speaking_style(
    actor: Actor,
    footage: Sequence[Footage],
    takes: Sequence[FilmedTake],
    *,
    head: Head | None = None,
) -> SpeakingStyle | None:
    """Implements `core.steps.LearnSpeakingStyle`.  Raises ModelError for another engine's actor."""
    model = ours(actor).model
    footage = uncovered(footage, actor.character)
    motions = [fit(part.track, model) for part in footage]
    sound = learn_sound(footage, model, motions, takes=takes, head=head)
    return None if sound is None else SpeakingStyle(sound.arrays())


def ours(actor: Actor) -> LearntActor:
    """`actor`, if this engine learnt it.  Raises ModelError otherwise."""
    if not isinstance(actor, LearntActor):
        raise ModelError(
            f"{actor.character} was learnt by another engine", hint="learn the actor again"
        )
    return actor


def save(actor: Actor, folder: Path) -> None:
    """Write the actor into `folder`, which must not hold one: weights first, facts last.

    Raises:
        DeliveryError: the folder cannot be written, or holds an actor already.
    """
    if (folder / FACTS).exists():
        raise DeliveryError(f"{folder} holds an actor already", hint="choose another folder")
    actor = ours(actor)
    arrays = _arrays(actor)
    pictures = {name: array for name, array in arrays.items() if name.startswith(_OF_PICTURES)}
    weights = to_safetensors({name: arrays[name] for name in arrays.keys() - pictures.keys()})
    facts = {
        "schema": SCHEMA,
        "character": actor.character,
        "digest": actor.digest,
        "basis": actor.basis,
        "training": {k: v for k, v in actor.training.items() if not isinstance(v, np.ndarray)},
        "held_out": {
            plate: {renderer: asdict(figures) for renderer, figures in by.items()}
            for plate, by in actor.held_out.items()
        },
        "exemplars": [
            {"plate": plate, "frame": int(frame)}
            for plate, frame in zip(actor.bank.plates, actor.bank.frames, strict=True)
        ],
        "eyes": [] if actor.eyes is None else list(actor.eyes.plates),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_file(folder / PICTURES, to_safetensors(pictures))
        write_file(folder / WEIGHTS, weights)
        write_file(folder / FACTS, json.dumps(facts, indent=1, ensure_ascii=False).encode())
    except OSError as error:
        raise DeliveryError(f"cannot write the actor to {folder}: {error}") from error


def load(folder: Path) -> LearntActor:
    """The actor in `folder`.

    Raises:
        ModelError: no actor there, another schema, or contents that do not match their digest.
    """
    hint = "learn the actor again"
    try:
        facts = read_json(folder / FACTS, finite=False)
        arrays = from_safetensors((folder / WEIGHTS).read_bytes())
        if (folder / PICTURES).is_file():
            arrays |= from_safetensors((folder / PICTURES).read_bytes())
        if facts["schema"] != SCHEMA:
            raise ModelError(
                f"{folder}: the actor has the unknown schema {facts['schema']!r}", hint=hint
            )
        actor = _from_arrays(facts, arrays)
    except DubsyncError as error:
        raise ModelError(f"the actor in {folder} cannot be used: {error}", hint=hint) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        raise ModelError(f"the actor in {folder} cannot be read: {error}", hint=hint) from error
    if actor.digest != facts["digest"] or actor.basis != facts["basis"]:
        raise ModelError(f"{folder}: the actor was altered after it was saved", hint=hint)
    return actor


def _arrays(actor: LearntActor) -> dict[str, NDArray[Any]]:
    bank = actor.bank
    arrays: dict[str, NDArray[Any]] = {
        "bank.points": bank.points,
        "bank.light": bank.light,
        "bank.fineness": bank.fineness,
        "bank.model": bank.model,
        "bank.frames": bank.frames,
        "bank.seconds": bank.seconds,
    }
    arrays |= {f"looks.{name}": getattr(bank.pose, name) for name in POSE_FIELDS}
    arrays |= {f"picture.{n:05d}": picture for n, picture in enumerate(bank.pictures)}
    arrays |= {f"hidden.{n:05d}": mask for n, mask in enumerate(bank.hidden) if mask is not None}
    arrays |= _fine_arrays(bank)
    arrays |= {f"basis.{name}": array for name, array in actor.model.arrays().items()}
    arrays |= {f"sound.{name}": array for name, array in actor.sound.items()}
    if actor.appearance is not None:
        arrays |= {f"appearance.{n}": array for n, array in actor.appearance.arrays().items()}
    if actor.expression is not None:
        arrays |= {f"expression.{n}": array for n, array in actor.expression.arrays().items()}
    if actor.eyes is not None:
        arrays |= {f"eyes.{name}": array for name, array in actor.eyes.arrays().items()}
    if actor.renderer is not None:
        arrays |= {f"look.{name}": array for name, array in actor.renderer.arrays().items()}
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}


def _from_arrays(facts: Mapping[str, Any], arrays: Arrays) -> LearntActor:
    exemplars = facts["exemplars"]
    bank = Bank(
        tuple(_picture(arrays[f"picture.{n:05d}"]) for n in range(len(exemplars))),
        arrays["bank.points"],
        PoseFeatures(*(arrays[f"looks.{name}"] for name in POSE_FIELDS)),
        arrays["bank.light"],
        arrays["bank.fineness"],
        arrays["bank.model"],
        tuple(str(e["plate"]) for e in exemplars),
        arrays["bank.frames"],
        arrays["bank.seconds"],
        _hidden(arrays, len(exemplars)),
        _fine(arrays, len(exemplars)),
    )
    appearance, renderer = _under("appearance.", arrays), _under("look.", arrays)
    expression = _under("expression.", arrays)
    return LearntActor(
        str(facts["character"]),
        Basis.from_arrays(_under("basis.", arrays)),
        bank,
        _under("sound.", arrays),
        Appearance.from_arrays(bank.model, appearance) if appearance else None,
        LearnedRenderer.from_arrays(bank.model, renderer) if renderer else None,
        {
            str(plate): {name: HeldOut(**figures) for name, figures in by.items()}
            for plate, by in facts["held_out"].items()
        },
        dict(facts["training"]),
        EyeBank.from_arrays([str(p) for p in facts["eyes"]], _under("eyes.", arrays))
        if facts["eyes"]
        else None,
        expression=ExpressionModel.from_arrays(expression) if expression else None,
    )


def _picture(array: NDArray[Any]) -> NDArray[np.float16]:
    if array.ndim != 3 or array.shape[2] != 3 or array.dtype != np.float16:
        raise ModelError(f"an exemplar of {array.shape} {array.dtype}")
    return array


def _hidden(arrays: Arrays, count: int) -> tuple[NDArray[np.bool_] | None, ...]:
    masks = _under("hidden.", arrays)
    if not masks:
        return ()
    return tuple(
        np.asarray(masks[name], bool) if (name := f"{n:05d}") in masks else None
        for n in range(count)
    )


def _fine_arrays(bank: Bank) -> dict[str, NDArray[Any]]:
    """The fine details of large faces; {} where there are none."""
    known = {f"{n:05d}": one for n, one in enumerate(bank.fine) if one is not None}
    coded: dict[str, NDArray[Any]] = {f"fine.{name}": one.coded for name, one in known.items()}
    ranges = {f"fine_range.{name}": np.array([one.range]) for name, one in known.items()}
    return coded | ranges


def _fine(arrays: Arrays, count: int) -> tuple[FineDetail | None, ...]:
    coded, ranges = _under("fine.", arrays), _under("fine_range.", arrays)
    if not coded:
        return ()
    return tuple(
        FineDetail(coded[name], float(ranges[name][0])) if (name := f"{n:05d}") in coded else None
        for n in range(count)
    )


def _under(prefix: str, arrays: Arrays) -> dict[str, NDArray[Any]]:
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }


def _content_digest(actor: LearntActor) -> str:
    plates = [list(actor.bank.plates), list(actor.eyes.plates) if actor.eyes else []]
    return digest(SCHEMA, actor.character, plates, _arrays(actor))


def write_file(path: Path, data: bytes) -> None:
    """Write the file atomically.  Raises OSError."""
    partial = path.with_name(f".{path.name}.{token_hex(4)}")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
