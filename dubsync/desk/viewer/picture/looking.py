"""How the picture is looked at: by the bar, the keys and the menu."""

from __future__ import annotations

from dataclasses import dataclass

from dubsync.desk.viewer.picture.picture_state import Look

PLATE, NOW = "plate", "now"  #: choices of A and B besides the versions


@dataclass(slots=True)
class Looking:
    """How the picture is looked at: by the bar, the keys and the menu."""

    look: Look = "plate"
    a: str = PLATE
    b: str = NOW
    gain: int = 8
    stops: float = 0.0
    gamma: float = 1.0
    matte: bool = False
    landmarks: bool = False
    take: bool = True
    safe: bool = False

    @property
    def sides(self) -> tuple[str, ...]:
        """The choices that are shown, A first."""
        return {"plate": (self.a,), "render": (self.b,)}.get(self.look, (self.a, self.b))

    @property
    def plain(self) -> bool:
        """Whether the pictures are shown as they come."""
        return self.look != "difference" and self.stops == 0 and self.gamma == 1
