"""Which host opens what: every row has a source, and no host is told more than its list says."""

from typing import get_args

import pytest

from dubsync.core.digest import digest
from dubsync.core.edit.host import (
    HOSTS,
    MEDIA_ROWS,
    TIMELINE_ROWS,
    MediaKind,
    hosts_opening,
    imports,
    opens,
    suited,
)
from dubsync.core.settings import HOST_NAMES, DeliverySettings, EditName
from dubsync.editorial.formats import DELIVERED


def test_every_row_names_its_source_and_known_codecs_and_formats():
    for row in MEDIA_ROWS:
        assert row.source and row.host in HOST_NAMES
    for row in TIMELINE_ROWS:
        assert row.source and set(row.formats) <= set(DELIVERED)


def test_every_codec_of_edit_media_is_opened_by_some_host():
    named = {codec for row in MEDIA_ROWS for codec in row.codecs}
    assert {name for name in get_args(EditName) if name} <= named


@pytest.mark.parametrize("deep", [False, True])
def test_every_host_opens_the_media_and_imports_the_formats_that_are_made_for_it(deep):
    for host in HOSTS:
        assert opens(host.name, suited(host.name, deep=deep))
        assert all(imports(host.name, form) for form in host.formats)


def test_no_editor_opens_ffv1_in_matroska():
    assert hosts_opening([MediaKind("ffv1", "mkv")]) == ()
    assert [h.name for h in hosts_opening([MediaKind("prores422hq", "mov")])] == list(HOST_NAMES)


def test_settings_of_edit_media_change_no_render():
    plain = DeliverySettings()
    chosen = DeliverySettings(edit="dnxhr_hqx", edit_container="mxf", host="avid")
    assert digest(plain) == digest(chosen)
    assert digest(plain) != digest(DeliverySettings(container="mov"))
