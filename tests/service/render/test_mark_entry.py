"""A record says which marks a render's frames carry, those taken over in a recut too."""

from types import SimpleNamespace

from dubsync.core.settings import ProofSettings
from dubsync.service.render.marked_frames import mark_entry, payload_at
from dubsync.service.render.record_form import FORMS

OLDER = {"mark": {"payload": "0000000b", "taken_over": [
    {"from": "a/v001", "payload": "0000000a", "spans": [[0, 1]]}]}}  # fmt: skip


ON = ProofSettings()


def reel(proof=ON, mark="a house's"):
    return SimpleNamespace(settings=SimpleNamespace(proof=proof), house_mark=mark, store=None)


def reused(*renders):
    sources = [SimpleNamespace(name=f"a/v00{n}", record=r) for n, r in enumerate(renders, 1)]
    kept = dict(enumerate(one for one in sources for _ in range(4)))
    return SimpleNamespace(sources=tuple(sources), kept=kept)


def test_frames_taken_over_keep_the_marks_of_the_renders_in_which_they_were_drawn():
    entry = mark_entry(reel(), reused(OLDER), None)
    assert FORMS["mark"](entry["mark"])
    assert [payload_at(entry, frame) for frame in (0, 1, 2, 3)] == [10, 10, 11, 11]


def test_a_machine_without_a_key_writes_nothing_and_a_reason_stands_where_it_is_off():
    assert mark_entry(reel(mark=None), reused(), None) == {}
    off = mark_entry(reel(ProofSettings(mark=False, mark_off_reason="a trailer")), reused(), None)
    assert off == {"mark": {"off_reason": "a trailer"}} and FORMS["mark"](off["mark"])
    assert payload_at(off, 0) is payload_at({}, 0) is None


def test_a_record_s_mark_from_elsewhere_is_checked():
    assert not FORMS["mark"]({"payload": "0x12"})
    assert not FORMS["mark"]({"taken_over": [{"from": "a", "payload": "0000000a"}]})
    assert not FORMS["mark"]({"payload": "0000000a", "strength_db": float("nan")})
