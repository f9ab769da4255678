"""An engine double that records its calls; settings name it as `module:build`."""

import json
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from dubsync.core.coverage import Coverage
from dubsync.core.digest import digest
from dubsync.core.errors import Cancelled, EngineError, ModelError
from dubsync.core.face import FaceTrack, MotionTrack, Performance
from dubsync.core.holdout import Holdout, pack
from dubsync.core.learning.house_base import TaughtBase
from dubsync.core.picture import Region
from dubsync.core.steps import Composite, Engine, HeldOut, SpeakingStyle

WARP = HeldOut(24, 0.008, 30.0, 0.9)
BETTER = HeldOut(24, 0.006, 31.0, 0.95)

#: What was asked of the engine, in order: (step, ...).
ASKED: list[tuple] = []
#: Whose mouth was driven, in order, and how long the takes were that taught their speaking style.
DRIVEN: list[tuple] = []
#: What tests set: the figures that training finds, and whose training fails.
FINDS: dict[str, HeldOut] = {"warp": WARP, "actor": BETTER}
FAILS: set[str] = set()
CUT_OFF: set[str] = set()
VERSION = ["drawn-1"]
#: How far the lips of every face move, pixels: 0 for one that never speaks.
OPENS = 8.0


@dataclass(frozen=True)
class DrawnActor:
    character: str
    basis: str = "b"
    held_out: dict = field(default_factory=dict)
    training: dict = field(default_factory=dict)

    @property
    def digest(self):
        return digest(self.character, str(self.training.get("seconds")))


def track(frames, span, *, shot, progress):
    ASKED.append(("track", shot))
    t = sum(1 for _ in frames)
    smiling = np.full((t, 52), float(shot.startswith("c")))
    points = np.tile(np.random.default_rng(1).uniform(20, 50, (478, 3)), (t, 1, 1))
    points[:, [14, 87, 317], 1] += (OPENS * np.sin(np.arange(t)))[:, None]
    looks = np.eye(4)[int(shot.startswith("b"))]  # MARC in b, ELISE elsewhere
    return (FaceTrack(1, span, points, smiling, np.ones(t), looks),)


def learn(character, footage, *, progress):
    ASKED.append(("learn", character, [piece.plate for piece in footage]))
    return DrawnActor(character)


def train(actor, *, minutes, size, kept, progress, steps=0):
    ASKED.append(("train", actor.character, minutes, size))
    if actor.character in FAILS:
        raise EngineError(f"{actor.character}: 3 frames are too few to train on", hint="more")
    if (kept / "half").exists():
        ASKED.append(("resumed", actor.character))
    (kept / "half").write_text("work")
    if actor.character in CUT_OFF:
        raise Cancelled
    listed = {"frames": 40, "seconds": 60 * minutes, "curve": [0.1], "weights": np.zeros(3)}
    plates = dict.fromkeys(_plates(actor.character), dict(FINDS))
    return replace(actor, held_out=plates, training=listed)


def _plates(character):
    return [asked[2][0] for asked in ASKED if asked[:2] == ("learn", character)][-1:] or ["a.mov"]


def save(actor, folder):
    folder.mkdir(parents=True, exist_ok=True)
    facts = asdict(actor) | {"training": {k: str(v) for k, v in actor.training.items()}}
    (folder / "actor.json").write_text(json.dumps(facts))


def load(folder):
    try:
        facts = json.loads((folder / "actor.json").read_text())
    except OSError as error:
        raise ModelError(f"{folder} holds no actor we can read: {error}") from error
    held = {
        plate: {name: HeldOut(**figures) for name, figures in by.items()}
        for plate, by in facts["held_out"].items()
    }
    return DrawnActor(facts["character"], held_out=held, training=facts["training"])


def fit(result, actor):
    t = len(result.frames)
    mouth = np.array(result.blendshapes[:, :2])
    return MotionTrack(result.frames, "b", mouth, np.zeros((t, 1)), np.zeros((t, 7)),
                       np.zeros((t, 4)), np.zeros((t, 52)))  # fmt: skip


def speaking_style(actor, footage, takes):
    ASKED.append(
        ("speaking_style", actor.character, [p.plate for p in footage], [t.name for t in takes])
    )
    return SpeakingStyle({"frames": np.array([len(take.track.frames) for take in takes])})


def drive(original, actor, dub, *, plate_audio, takes, tweak, speaking_style=None):
    t = len(original.frames)
    DRIVEN.append((actor.character, speaking_style and speaking_style.arrays["frames"].tolist()))
    return Performance("audio", "b", original.frames, np.ones((t, 2)), np.ones(t))


def retarget(original, performance, tweak):
    return replace(original, mouth=performance.mouth)


def prepare(actor, seen, original, corrected, weight, *, renderer="warp"):
    ASKED.append(("prepare", actor.character, renderer, bool(actor.training)))
    return lambda frames: [None for _ in frames]


def composite(frame, patches):
    return Composite(frame, np.zeros((frame.format.height, frame.format.width), np.uint8), ())


def coverage(actor, wanted):
    """The bank shows a head straight on; closed lips are near it, others not."""
    mouths = np.concatenate([np.zeros((0, 2)), *(m.mouth for m in wanted)])
    frames = np.stack([np.zeros(len(mouths)), 0.3 * mouths[:, 0]], axis=1)
    return Coverage(np.zeros((5, 2)), frames, mouths[:, 0], 0.5)


def holdout(track, read, *, matte, origin, shot, progress):
    """Frames in which the artist's matte is white are hidden wholly; without one, none is."""
    numbers = range(track.frames.start, track.frames.stop)
    white = [0.0] * len(numbers) if matte is None else [
        float(frame.planes[0].mean() > 100) for frame in matte(numbers)
    ]  # fmt: skip
    shares = np.array(white)
    whole = Region(0, 0, 128, 72)
    packed = pack(np.ones((72, 128), bool))
    return Holdout(track.frames, tuple(whole if w else None for w in white),
                   tuple(packed if w else b"" for w in white), shares, shares, origin)  # fmt: skip


def teach_base(actors, *, minutes, steps=0, kept, progress):
    ASKED.append(("teach", [actor.character for actor, _ in actors], minutes))
    facts = {"actors": len(actors), "held_out_loss": [0.2, 0.1], "speech": {"seconds": 0.0}}
    return TaughtBase(b"network", b"head", facts)


def build(settings):
    engine = Engine(f"{VERSION[0]}/{settings.exemplars}", track, learn, train, save, load, fit,
                    drive, retarget, prepare, composite, lambda a, b: 0.0, coverage,
                    speaking_style=speaking_style, holdout=holdout,
                    teach_base=teach_base)  # fmt: skip
    return replace(
        engine,
        on_base=lambda base: replace(engine, version=f"{engine.version}/{base.name}"),
    )
