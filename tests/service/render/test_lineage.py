"""A record says from which plates and by whose consent every model was learnt that drew it."""

import json

from dubsync.service.render.record_form import FORMS
from dubsync.service.render.records.lineage import base_entry


def test_a_house_base_is_told_with_its_plates_and_consents_and_without_names(monkeypatch, tmp_path):
    monkeypatch.setattr(
        "dubsync.service.render.records.lineage.base_folder", lambda name: tmp_path / name
    )
    assert "unknown" in base_entry("nord/v001")
    folder = tmp_path / "nord/v001"
    folder.mkdir(parents=True)
    plate = {"name": "a.mov", "sha256": "0" * 64, "frames": [[0, 10]]}
    given = {"id": "C-1", "sha256": "1" * 64, "basis": "consent", "performer": "anna-example"}
    card = {"sources": [{"actor": "2" * 64, "plates": [plate]}], "consents": [given]}
    (folder / "card.json").write_text(json.dumps(card))
    entry = base_entry("nord/v001")
    assert entry["plates"] == [plate]
    assert entry["consent"] == [{"id": "C-1", "sha256": "1" * 64, "basis": "consent"}]
    assert FORMS["lineage"]([entry])
