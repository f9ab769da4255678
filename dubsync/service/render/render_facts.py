"""Facts for a render's record: the proof counted in its files, its inputs, and the consents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dubsync.core.shot import Shot
from dubsync.media.in_step import Onlooker
from dubsync.media.write import ShotWriter
from dubsync.service.consent.records import LIP_REENACT, TRAIN_MODEL, ConsentRecord
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.reel.shot_plan import ShotPlan
from dubsync.service.render.provenance import Proof, RenderFacts
from dubsync.service.render.records.recipe import recipe_of
from dubsync.service.render.verify_render import counted


def written_proof(
    reel: ReelInputs,
    shot: Shot,
    writer: ShotWriter,
    frames_changed: int,
    onlooker: Onlooker | None = None,
) -> Proof:
    """The proof counted in the written files; not counted for ProRes, which is lossy.

    Args:
        onlooker: is given the frames as they are counted; nothing where they are not.
    """
    if reel.settings.delivery.picture != "lossless":
        return Proof(len(shot.render), frames_changed, None, "", "")
    return counted(shot, str(writer.picture), str(writer.matte), shot.render, onlooker)


def render_facts(plan: ShotPlan, lineage: Sequence[Mapping[str, Any]]) -> RenderFacts:
    """The inputs of the render of a planned shot.

    Args:
        lineage: the models that drew it.

    Raises:
        ConsentMissing: a performer has no valid consent record.
    """
    reel, shot = plan.reel, plan.shot
    return RenderFacts(
        key=plan.render_key,
        language=reel.language,
        inputs=inputs_of(reel, shot),
        consents=consents_of(reel, shot),
        settings=reel.settings,
        tweaks=reel.tweaks.get(shot.name, {}),
        engine=reel.engine.version,
        faces=faces_of(plan),
        shut_in_pauses=reel.shut_in_pauses(face.character for face in plan.faces),
        recipe=recipe_of(plan),
        lineage=lineage,
    )


def faces_of(plan: ShotPlan) -> dict[str, list[tuple[int, int, int]]]:
    """Character -> number, first and last frame + 1 of each face track that is theirs."""
    return {
        face.character: [(t.face, t.frames.start, t.frames.stop) for t in face.tracks]
        for face in plan.faces
    }


def inputs_of(reel: ReelInputs, shot: Shot) -> list[Mapping[str, str]]:
    """Every input file by role, name and SHA-256.  Names only: a path would reveal the machine."""
    inputs = [
        {"role": "plate", "name": shot.plate.name, "sha256": reel.store.plate_digest(shot.plate)}
    ]
    for character in shot.characters:
        path = Path(reel.stems[character].path)
        inputs.append({"role": f"dub {character}", "name": path.name,
                       "sha256": reel.store.file_digest(path)})  # fmt: skip
    if shot.name in reel.holdouts:
        inputs.append({"role": "holdout matte", "name": reel.holdouts[shot.name].name,
                       "sha256": reel.in_front.matte_digest(shot)})  # fmt: skip
    training = (reel.take_training.get(character) for character in shot.characters)
    trained_on = [("training take", take) for result in training if result for take in result.takes]
    for role, take in [("take", take) for take in shot.takes] + trained_on:
        inputs.append({"role": f"{role} {take.line}", "name": take.name,
                       "sha256": reel.store.file_digest(Path(take.path))})  # fmt: skip
    return list(inputs)


def consents_of(reel: ReelInputs, shot: Shot) -> list[ConsentRecord]:
    """Every record that allowed the render: the performers' and the filmed voice actors'.

    Raises:
        ConsentMissing: a performer has no valid consent record now.
    """
    records = [c for op in (LIP_REENACT, TRAIN_MODEL) for c in reel.consent(shot, op)]
    records += reel.tweak_consents(shot)
    records += [given for name in shot.characters if (given := reel.take_consent(name))]
    return list({record.id: record for record in records}.values())
