"""The operations that a consent record can allow, what each means, and which one a tweak needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dubsync.core.tweak.choices import NOWHERE
from dubsync.core.tweak.controls import controls_of
from dubsync.core.tweak.tweak import Tweak

LIP_REENACT = "lip_reenact"  #: re-animate the performer's mouth in a picture
TRAIN_MODEL = "train_model"  #: learn or train a model from footage of the performer
HEAD_REENACT = "head_reenact"  #: re-draw the whole head: pose, hair, neck, shoulders
EXPRESSION_EDIT = "expression_edit"  #: change brows, lids, gaze, cheeks or the face's shape
PORTRAIT = "portrait"  #: make still pictures move: mouth, eyes and head
LIVE = "live"  #: let a person drive the performer's picture while they act
#: teach a base of the house on the performer, from which other people's models start
HOUSE_BASE = "house_base"


@dataclass(frozen=True, slots=True)
class Operation:
    """Words for one operation: what is `done`, and the `noun` of it in a sentence."""

    done: str
    noun: str


#: Every operation that a record can allow, in the order in which they are listed.
OPERATIONS: Mapping[str, Operation] = {
    LIP_REENACT: Operation("mouth redrawn", "redrawing the mouth"),
    TRAIN_MODEL: Operation("model trained", "training a model"),
    HEAD_REENACT: Operation("whole head redrawn", "redrawing the whole head"),
    EXPRESSION_EDIT: Operation("expression changed", "changing eyes, brows or expression"),
    PORTRAIT: Operation("stills made to move", "making a still move"),
    LIVE: Operation("driven live", "driving them live"),
    HOUSE_BASE: Operation("house base taught", "teaching a base of the house"),
}
#: What the forms offer: a dub needs these two.
DUB = (LIP_REENACT, TRAIN_MODEL)

#: Groups of controls that move the mouth, mix what drives it or shape its matte.
_MOUTH = frozenset(controls_of("mouth", "mix", "matte"))
#: Controls that move the head; `soft_stop` moves nothing by itself.
_HEAD = frozenset(controls_of("head")) | {"head"}
_NOTHING = frozenset({"soft_stop"})
_OF_REGION: Mapping[str, tuple[str, ...]] = {
    "mouth": (),
    "face": (EXPRESSION_EDIT,),
    "head": (EXPRESSION_EDIT, HEAD_REENACT),
}


def needed_operations(tweak: Tweak) -> tuple[str, ...]:
    """The operations that rendering a face with `tweak` needs, in the order of OPERATIONS.

    The mouth alone needs LIP_REENACT.  Controls of the head need HEAD_REENACT; `region=head` needs
    EXPRESSION_EDIT too, since eyes and brows are redrawn with it.  What is none of the mouth's or
    the head's changes the expression, so it needs EXPRESSION_EDIT.
    """
    needed = {LIP_REENACT}
    for region in (tweak.region.value, *(span.value for span in tweak.region.spans)):
        needed.update(_OF_REGION[region])
    looks = (tweak.look_at.value, *(span.value for span in tweak.look_at.spans))
    if tweak.likes or any(look != NOWHERE for look in looks):
        needed.add(EXPRESSION_EDIT)
    for name, _ in tweak.curves:
        if name in _HEAD - _NOTHING:
            needed.add(HEAD_REENACT)
        elif name not in _MOUTH | _NOTHING:
            needed.add(EXPRESSION_EDIT)
    return in_order(needed)


def in_order(operations: Iterable[str]) -> tuple[str, ...]:
    """The known ones of `operations`, each once, in the order of OPERATIONS."""
    chosen = set(operations)
    return tuple(name for name in OPERATIONS if name in chosen)
