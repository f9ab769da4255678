"""The engine: track, fit, drive, retarget, render and composite faces.  The only importer of torch.

`build` makes the engine that dubsync uses unless the settings name another.  Importing this package
loads nothing heavy; `build` does.

May import: core.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import cast

from dubsync.core.driven.live import LiveSteps
from dubsync.core.learning.house_base import HouseBase
from dubsync.core.settings import EngineSettings
from dubsync.core.steps import Drive, Engine, Learn, LearnSpeakingStyle, Prepare, Train

#: Changes whenever a step gives different results for the same input.
VERSION = "actor-13"
#: Widest square crop of a face unless the settings give one, pixels.
WIDEST_PX = 2048


def build(settings: EngineSettings) -> Engine:
    """The engine of this package, on the device that the settings name.

    Raises:
        EngineError: the device does not exist, or does not compute in that precision.
    """
    from dubsync.engine import actor
    from dubsync.engine.compositing import composite, grain
    from dubsync.engine.device import chosen_device, computes_in_half, settle_process
    from dubsync.engine.drive.beyond import find_beyond
    from dubsync.engine.drive.held import find_held
    from dubsync.engine.drive.memory import Memory
    from dubsync.engine.drive.performance import drive
    from dubsync.engine.expression.named import find_expressions
    from dubsync.engine.head_draw import by_region, previewing
    from dubsync.engine.motion import fit, retarget
    from dubsync.engine.occlusion.find_holdout import find_holdout
    from dubsync.engine.portrait.portrait import learn_portrait
    from dubsync.engine.render.coverage import coverage
    from dubsync.engine.render.target_landmarks import target_landmarks
    from dubsync.engine.sound.active_speaker import speaking
    from dubsync.engine.track import tracker
    from dubsync.engine.train import perceptual, teach_base, training

    settle_process()
    tracking = tracker.FaceTracker()
    device = chosen_device(settings.device)
    half = computes_in_half(settings.precision, device)
    engine = Engine(
        version=f"{VERSION}/{settings.crop_px}/{settings.exemplars}",
        track=tracking,
        learn=partial(
            actor.learn, most=settings.exemplars, widest_px=settings.crop_px or WIDEST_PX
        ),  # fmt: skip
        train=partial(training.train, device=device, half=half),
        save=actor.save,
        load=actor.load,
        fit=lambda seen, learnt: fit.fit(seen, actor.ours(learnt).model),
        drive=drive,
        retarget=retarget.retarget,
        prepare=cast(Prepare, partial(by_region.prepare, device=device, half=half)),
        composite=composite.composite,
        perceive=perceptual.perceptual_distance,
        coverage=coverage,
        speaking=speaking,
        speaking_style=actor.learn_speaking_style,
        holdout=find_holdout,
        previewing=partial(previewing.Previewing, device=device, half=half),
        redriving=lambda: cast(Drive, partial(drive, memory=Memory())),
        beyond=find_beyond,
        held=find_held,
        expressions=find_expressions,
        grain=grain.STEPS,
        moving_still=partial(learn_portrait, landmarker=lambda: tracking.landmarker),
        landmarks=target_landmarks,
        device=str(device),
        teach_base=partial(teach_base.teach_base, device=device),
    )
    engine = _with_heads(engine)
    return replace(engine, on_base=partial(_on_base, engine))


def _on_base(engine: Engine, base: HouseBase) -> Engine:
    """`engine`, whose actors start from a house's own base: they learn by its sound head, and their
    networks start from its network."""
    from dubsync.engine.network.base_network import weights_of
    from dubsync.engine.sound.known_heads import head_from

    head = head_from(base.head, base.name) if base.head else None
    start = partial(weights_of, base.network, base.name)
    learn, style = (
        cast("partial[object]", engine.learn),
        cast("partial[object]", engine.speaking_style),
    )
    return replace(
        engine,
        version=f"{engine.version}/{base.name}@{base.digest[:12]}",
        learn=cast(Learn, partial(learn, head=head)),
        speaking_style=cast(LearnSpeakingStyle, partial(style, head=head)),
        train=cast(Train, partial(cast("partial[object]", engine.train), start=start)),
    )


def _with_heads(engine: Engine) -> Engine:
    """`engine`, which learns whole heads too."""
    from dubsync.engine.head.head_files import load_head, save_head
    from dubsync.engine.head.learn_head import learn_head

    return replace(engine, learn_head=learn_head, save_head=save_head, load_head=load_head)


def build_live(settings: EngineSettings) -> LiveSteps:
    """The live steps of this engine: to follow a driver, and to draw whom the driver moves."""
    from dubsync.engine.live.draw_subject import draw_subject
    from dubsync.engine.live.follow_driver import DriverFollower

    return LiveSteps(follow=DriverFollower, draw=draw_subject)


def build_held_out(settings: EngineSettings) -> Engine:
    """The baseline warp renderer, drawing from the bank alone: the reference for evaluation.

    Landmarks are used as tracked, colour is matched by offsets.  It never draws from the plate that
    it draws on, so it can be evaluated on held-out frames.
    """
    engine = build_held_out_refined(settings)
    learn = partial(cast("partial[object]", engine.learn), refined=False)
    prepare = partial(cast("partial[object]", engine.prepare), plain=True)
    return replace(engine, learn=cast(Learn, learn), prepare=cast(Prepare, prepare))


def build_held_out_refined(settings: EngineSettings) -> Engine:
    """`build`, but it draws from the bank alone, never from its plate: mouths, no heads."""
    from dubsync.engine.device import chosen_device, computes_in_half
    from dubsync.engine.render import renderer

    device = chosen_device(settings.device)
    half = computes_in_half(settings.precision, device)
    prepare = partial(renderer.prepare, device=device, half=half, sources="bank")
    return replace(build(settings), prepare=cast(Prepare, prepare))
