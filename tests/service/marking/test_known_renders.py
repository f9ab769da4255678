"""Which render a mark belongs to is told from the records at hand, each render once."""

import json

from dubsync.service.find_mark.known_renders import known_renders


def test_a_render_whose_record_a_delivery_copied_is_told_once(tmp_path):
    record = {"shot": "SH010", "version": 2, "language": "it-IT", "made": "2026-11-30T16:05:45",
              "frames": {"first": 10, "stop": 20}, "mark": {"payload": "dd58c539"}}  # fmt: skip
    for home in ("renders/SH010/v002", "delivery/v001/proof/records"):
        (tmp_path / home).mkdir(parents=True)
        (tmp_path / home / "SH010_v002.record.json").write_text(json.dumps(record))
    (known,) = known_renders(tmp_path)
    assert (known.shot, known.version, known.payload) == ("SH010", "v002", 0xDD58C539)
