"""Which frames of its file a strip shows: exact, and with the reason where that is not known."""

from fractions import Fraction

from . import sequencer, timecode

#: Two speeds this near are one: Blender keeps them as 32-bit floats.
SAME = Fraction(1, 100_000)


class Playing:
    """What a strip plays.

    media     absolute path; "" if offline
    frames    frames of the whole file; 0 if not known
    first     the timecode of the file's first frame, as a frame count; 0 if it has none
    speed     source frames for each frame of the timeline, below 0 if backwards; None if it varies
    shown     [start, stop] of the timeline, whole frames, half-open
    source    [start, stop] of the file, counted from 0, whole frames; None if not known
    origin    the timeline frame at which the file's first frame is, or would be; exact
    doubts    sentences: what keeps the strip from being synced
    """

    def __init__(self, strip, scene):
        self.media = "" if sequencer.offline(strip) else sequencer.file_of(strip)
        self.shown = [strip.frame_final_start, strip.frame_final_end]
        self.doubts = []
        self.frames, self.first = _frames_of(strip, self.media), 0
        if strip.type == "MOVIE" and self.media and sequencer.rate_of(scene):
            self.first = timecode.first_frame(self.media, sequencer.rate_of(scene)) or 0
        self.speed = self._speed_of(strip)
        self._same_rate(strip, scene)
        self.origin = self.source = None
        if self.speed is None:
            return
        start = Fraction(str(strip.frame_start))
        before = getattr(strip, "animation_offset_start", 0)
        if self.speed > 0:
            self.origin = start - before / self.speed
            first = (self.shown[0] - self.origin) * self.speed
            last = (self.shown[1] - self.origin) * self.speed
        else:
            self.origin = start
            # Backwards, a strip begins with the last frame of its file.
            first = self.frames + (self.shown[1] - start) * self.speed
            last = self.frames + (self.shown[0] - start) * self.speed
        self.source = [_whole(first), max(_whole(last), _whole(first) + 1)]

    def _speed_of(self, strip):
        back = -1 if getattr(strip, "use_reverse_frames", False) else 1
        if getattr(strip, "strobe", 1) > 1:
            self.doubts.append(
                "it holds each of its frames (Strobe): set Strobe to 1, or bake it into the media"
            )
        if sequencer.has_speed_factor(strip):
            return back * _near(Fraction(strip.speed_factor))
        keys = sequencer.retiming_keys(strip)
        if not keys:
            return Fraction(back)
        length = Fraction(strip.frame_duration)
        if keys > 2 or length <= 0 or not self.frames:
            self.doubts.append("its speed varies: split it where the speed changes")
            return None
        played = self.frames - sum(
            getattr(strip, name, 0) for name in ("animation_offset_start", "animation_offset_end")
        )
        return back * _near(_from_lengths(played, length))

    def _same_rate(self, strip, scene):
        filmed, shown = getattr(strip, "fps", 0), sequencer.rate_of(scene)
        if strip.type == "MOVIE" and filmed and shown and abs(filmed - float(shown)) > 0.002:
            self.doubts.append(
                f"it was filmed at {sequencer.printed_rate(filmed)} fps and the scene plays at "
                f"{sequencer.printed_rate(shown)}: set the scene's frame rate to the footage's"
            )


def _frames_of(strip, media):
    """The frames of a strip's whole file; 0 if it is offline and was retimed."""
    if strip.type == "IMAGE":
        return len(strip.elements)
    if sequencer.retiming_keys(strip) or strip.type == "MOVIECLIP":
        return sequencer.movie_frames(media) if media and strip.type != "SOUND" else 0
    unused = (getattr(strip, f"animation_offset_{end}", 0) for end in ("start", "end"))
    return int(strip.frame_duration) + sum(unused)


def _near(speed):
    """The simplest rational beside a speed that was kept as a float."""
    simple = speed.limit_denominator(1000)
    return simple if abs(simple - speed) < SAME else speed.limit_denominator(1_000_000)


def _from_lengths(frames, length):
    """The speed at which `frames` last `length`: Blender rounds the length to whole frames.

    So many speeds are possible; the one with the simplest percentage is meant.
    """
    low, high = frames / (length + Fraction(1, 2)), frames / (length - Fraction(1, 2))
    for parts in (1, 2, 4, 5, 10, 20, 50, 100, 200, 1000):
        nearest = Fraction(round(frames / length * parts), parts)
        if nearest > 0 and low < nearest < high:
            return nearest
    return frames / length


def _whole(frame):
    """The nearest whole frame; a half goes up, as a played frame lasts until the next."""
    return int((frame + Fraction(1, 2)) // 1)
