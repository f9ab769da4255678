"""Edit media of one shot, made in its own task, so that a delivery finds all of them made.

The delivery makes what is missing, one shot after another: on a reel of 250 events that is long.
"""

from __future__ import annotations

from dubsync.core.edit.host import is_deep
from dubsync.core.progress import Progress
from dubsync.core.shot import Shot
from dubsync.service.edit_media.choice import edit_choice, refuse_unopened
from dubsync.service.edit_media.make_edit import edit_media
from dubsync.service.reel.reel import Reel
from dubsync.service.render.deliverable import consented, delivered_now
from dubsync.service.render.draft import refuse_open_draft
from dubsync.service.render.provenance import rendered_from, whole_record


def make_edit_of(reel: Reel, shot: Shot, progress: Progress) -> None:
    """Make the edit media that a delivery of the reel would make now for the shot; once.

    Nothing is made where the settings name none, or the delivery would take no render of the shot.

    Raises:
        DubsyncError: they cannot be made, or nobody may, or the host does not open them.
    """
    delivery = reel.settings.delivery
    if not delivery.edit:
        return
    folder = delivered_now(reel, shot)
    if folder is None:
        return
    choice = edit_choice(delivery, (), ())
    if choice.media is None:
        return
    refuse_unopened(choice, (choice.media,), deep=is_deep(shot.plate.format))
    refuse_open_draft(reel.store, shot.name, folder)
    rendered = rendered_from(folder, shot, whole_record(folder))
    consented(reel, rendered)
    reel.delivery_consents(shot)
    kind = choice.media
    edit_media(reel.store, rendered, kind.codec, kind.container, progress, reel.settings.proof)
