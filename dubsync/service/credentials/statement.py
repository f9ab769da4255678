"""What a manifest says of a render, of its edit media, of a portrait, and of a reel's movie.

Everything that went in is named by role and digest.  No name of a person, no file name and no path
is in it: consent records are named by id and digest, as in the render's record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dubsync.core.version import __version__
from dubsync.media.credentials.carried import mime_type_of
from dubsync.media.credentials.manifest import COMPOSITE, OWN, Ingredient, Manifest

#: What an assertion of our own says of itself.
SCHEMA = "dubsync.credentials/1"
SHOT = OWN + "shot"
GENERATOR = ("dubsync", __version__)
#: Nobody may train on the media, mine them, or feed them to a model, unless the house says
#: otherwise (CAWG Training and Data Mining 1.1).
NOT_ALLOWED = {
    "cawg.training-mining": {
        "entries": {
            f"cawg.{use}": {"use": "notAllowed"}
            for use in ("ai_training", "ai_generative_training", "ai_inference", "data_mining")
        }
    }
}
#: How a role of a record's inputs begins -> what the manifest calls it.
_ROLES = {"plate": "plate", "dub": "dub", "take": "take", "training take": "training take",
          "holdout matte": "matte of what is in front", "still": "photograph"}  # fmt: skip

#: What a record counts in its picture.  A copy is coded anew, so the last is not true of it.
_COUNTS = ("frames", "frames_changed", "changed_outside")

What = Literal["picture", "layer", "edit", "movie", "layers"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A render that a reel's movie shows.

    picture, record  SHA-256 of the files
    form             MIME type of the picture
    """

    shot: str
    version: int
    picture: str
    record: str
    form: str = ""


def of_render(
    record: Mapping[str, Any], record_sha256: str, what: What, *, title: str = "",
    master: str = "",
) -> Manifest:  # fmt: skip
    """The manifest of one file of a render.

    Args:
        record: as it was written; see `service.render.provenance`.
        record_sha256: of the record's file.
        what: which file.
        title: its name, without folders.
        master: of a copy the digest of the picture that it was made from; of a sequence that of
            the canonical JSON of its frames' names and digests.
    """
    ingredients = _inputs(record["inputs"], record.get("actors", {}), record.get("redrawn", {}))
    actions = [
        _action("c2pa.opened", _named(ingredients, "plate")),
        _action("c2pa.dubbed", _named(ingredients, "dub"),
                description=f"mouths follow a dub in {record['language']}"),
        {**_action("c2pa.edited", _named(ingredients, "model", "take", "training", "matte"),
                   description=record["synthetic_media"], when=record["made"]),
         "digitalSourceType": COMPOSITE},
    ]  # fmt: skip
    mark = _mark(record)
    if mark:
        # Not ".bound": a binding needs an algorithm of C2PA's list, and ours is not on it.
        told = "invisible mark of the house in what was drawn"
        actions.append(_action("c2pa.watermarked.unbound", description=told))
    if master:
        actions.append(_action("c2pa.transcoded", description="a copy of the master"))
    own = {
        "schema": SCHEMA,
        "file": what,
        "shot": record["shot"],
        "version": record["version"],
        "language": record["language"],
        "record": record_sha256,
        "frames": dict(record["frames"]),
        "changed": {key: record["proof"][key] for key in _COUNTS[: 2 if master else 3]},
        "consent": [{"id": one["id"], "sha256": one["sha256"]} for one in record["consent"]],
        **({"master": master} if master else {}),
        **({"mark": mark} if mark else {}),
    }
    named = title or f"{record['shot']} {record['language']} v{record['version']:03d}"
    return Manifest(named, GENERATOR, tuple(actions), ingredients, {**NOT_ALLOWED, SHOT: own})


def of_drawn(record: Mapping[str, Any], record_sha256: str, title: str, label: str) -> Manifest:
    """The manifest of a movie of a person that is drawn throughout: a portrait, or a live run.

    Args:
        label: of the assertion of our own: "portrait" or "live".
    """
    ingredients = _inputs(record["inputs"], {}, {})
    made = {
        **_action("c2pa.created", tuple(one.name for one in ingredients),
                  description=record["synthetic_media"], when=record["made"]),
        "digitalSourceType": COMPOSITE,
    }  # fmt: skip
    own = {
        "schema": SCHEMA,
        "file": "movie",
        "record": record_sha256,
        **{key: record[key] for key in ("language", "frames") if key in record},
        "consent": [{"id": one["id"], "sha256": one["sha256"]} for one in record["consent"]],
    }
    said = {**NOT_ALLOWED, OWN + label: own}
    return Manifest(title, GENERATOR, (made,), ingredients, said)


def of_movie(shown: Sequence[Placed], language: str, title: str, made: str) -> Manifest:
    """The manifest of a reel's movie: which renders it shows."""
    ingredients = tuple(
        Ingredient(f"render-{n}", f"render of {one.shot} v{one.version:03d}", one.picture,
                   one.form, "componentOf")
        for n, one in enumerate(shown, 1)
    )  # fmt: skip
    actions = [{**_action("c2pa.created", description="review movie of a reel", when=made),
                "digitalSourceType": COMPOSITE}]  # fmt: skip
    if ingredients:
        actions.append(_action("c2pa.placed", tuple(one.name for one in ingredients)))
    own = {
        "schema": SCHEMA,
        "file": "movie",
        "language": language,
        "renders": [{"shot": one.shot, "version": one.version, "record": one.record}
                    for one in shown],
    }  # fmt: skip
    return Manifest(title, GENERATOR, tuple(actions), ingredients,
                    {**NOT_ALLOWED, OWN + "movie": own})  # fmt: skip


def _action(
    name: str, ingredients: tuple[str, ...] = (), *, description: str = "", when: str = ""
) -> dict[str, Any]:
    action: dict[str, Any] = {
        "action": name, "softwareAgent": {"name": GENERATOR[0], "version": GENERATOR[1]},
    }  # fmt: skip
    if description:
        action["description"] = description
    if when:
        action["when"] = when
    if ingredients:
        action["parameters"] = {"ingredientIds": list(ingredients)}
    return action


def _inputs(
    inputs: Iterable[Mapping[str, str]], actors: Mapping[str, str],
    redrawn: Mapping[str, Mapping[str, Any]],
) -> tuple[Ingredient, ...]:  # fmt: skip
    """What went in, each once; two of one kind are numbered."""
    found: dict[tuple[str, str], str] = {}
    for one in inputs:
        found.setdefault((_kind(one["role"]), one["sha256"]), mime_type_of(one["name"]))
    heads = [str(one.get("head", "")) for one in redrawn.values()]
    models = [("model of a performer", sha) for sha in actors.values()]
    models += [("model of a performer's head", sha) for sha in heads if sha]
    for title, sha in models:
        found.setdefault((title, sha), "")
    counted: Counter[str] = Counter()
    result = []
    for (title, sha), form in found.items():
        counted[title] += 1
        number = counted[title]
        said = title if number == 1 else f"{title} {number}"
        parent = title == "plate" and number == 1
        result.append(
            Ingredient(said.replace(" ", "-"), said, sha, form,
                       "parentOf" if parent else "inputTo", title.startswith("model"))
        )  # fmt: skip
    return tuple(result)


def _kind(role: str) -> str:
    """What the manifest calls an input of a role such as "dub ELISE"."""
    known = (said for begin, said in _ROLES.items() if f"{role} ".startswith(f"{begin} "))
    return next(known, "input")


def _named(ingredients: Iterable[Ingredient], *kinds: str) -> tuple[str, ...]:
    """Names of the ingredients of these kinds."""
    return tuple(one.name for one in ingredients if one.name.startswith(kinds))


def _mark(record: Mapping[str, Any]) -> dict[str, Any]:
    """Version and payloads of the invisible mark; {} if the render carries none.

    Frames that were taken over carry the mark of the render in which they were drawn.
    """
    mark = record.get("mark") or {}
    carried = [mark.get("payload", ""), *(one["payload"] for one in mark.get("taken_over", ()))]
    payloads = list(dict.fromkeys(filter(None, carried)))
    if not payloads or mark.get("off_reason"):
        return {}
    named = {key: mark[key] for key in ("version", "marker") if mark.get(key)}
    return {**named, "payloads": payloads}
