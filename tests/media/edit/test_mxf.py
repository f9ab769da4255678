"""MXF of edit media: identities that stay, the wrapping stated truly, a file for each track."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from aaf2.mxf import MXFFile

from dubsync.media.edit.identity import umid, urn
from dubsync.media.probe import probe_plate
from tests.media.edit.edit_synthesis import N_FRAMES, edited, hdr_plate, ramp


@pytest.fixture(scope="module")
def plate(tmp_path_factory):
    return hdr_plate(tmp_path_factory.mktemp("plate"), (256, 128))


@pytest.fixture(scope="module")
def atom(plate, tmp_path_factory):
    return edited(plate, tmp_path_factory.mktemp("atom"), "dnxhr_hqx", "mxf_opatom")


def packages(path: str) -> list[str]:
    """The ids of the file's packages, as pyaaf2 reads them."""
    found = {str(item.data["MobID"]) for item in MXFFile(path).packages() if "MobID" in item.data}
    return sorted(found)


def test_op_atom_has_a_file_for_each_track(atom):
    assert [(Path(e.path).name, e.kind, e.channel) for e in atom.essences] == [
        ("sh010_v1.mxf", "picture", 0), ("sh010_a1.mxf", "sound", 1),
    ]  # fmt: skip
    assert (atom.essences[0].length, atom.essences[1].length) == (N_FRAMES, 4805)


@pytest.mark.parametrize("track", [0, 1])
def test_an_independent_reader_finds_the_ids_that_the_cut_links_to(atom, track):
    essence = atom.essences[track]
    assert packages(essence.path) == sorted([essence.material, essence.file, essence.tape])
    assert all(e.tape == atom.essences[0].tape for e in atom.essences)
    assert MXFFile(essence.path).operation_pattern == "OPAtom"


def tracks(path: str, package: int) -> dict[int, tuple[str, ...]]:
    """What each track of a package says, as pyaaf2 reads it: 0 material, 1 file, 2 tape."""
    result = {}
    for track in list(MXFFile(path).packages())[package].iter_strong_refs("Slots"):
        (part,) = track.resolve_ref("Segment").iter_strong_refs("Components")
        keys = ("Length", "StartTime", "SourceID", "SourceMobSlotID", "Start")
        facts = (str(part.data.get(key)) for key in keys)
        result[track.data["SlotID"]] = (str(track.data["EditRate"]), *facts)
    return result


def test_all_files_of_an_op_atom_clip_have_one_material_package_and_one_tape(atom):
    picture, sound = atom.essences
    assert picture.material == sound.material == atom.clip
    assert (picture.clip_track, sound.clip_track) == (2, 3)
    for package in (0, 2):
        assert tracks(picture.path, package) == tracks(sound.path, package)
        assert list(tracks(picture.path, package)) == [1, 2, 3]
    for essence in atom.essences:
        rate, length, *_, file, track, _ = tracks(picture.path, 0)[essence.clip_track]
        assert (file, track) == (essence.file, str(essence.track))
        assert (rate, length) == (
            ("48000/1", "30000/1001")[not essence.channel],
            str(essence.length),
        )
        _, _, begin, tape, track, _ = tracks(essence.path, 1)[essence.track]
        assert (tape, track) == (essence.tape, str(essence.clip_track))
        assert int(begin) == round(107902 * (Fraction(8008, 5) if essence.channel else 1))


def test_a_second_delivery_has_the_same_ids_and_bytes(plate, atom, tmp_path):
    again = edited(plate, tmp_path / "again", "dnxhr_hqx", "mxf_opatom")
    other = edited(plate, tmp_path / "other", "dnxhr_hqx", "mxf_opatom", digest="b")
    assert again.clip == atom.clip != other.clip
    for old, new, changed in zip(atom.essences, again.essences, other.essences, strict=True):
        assert (old.material, old.file, old.tape) == (new.material, new.file, new.tape)
        assert Path(old.path).read_bytes() == Path(new.path).read_bytes()
        assert changed.file != old.file and changed.tape == old.tape


def test_the_essence_is_stated_as_one_element(atom):
    for essence, label in zip(atom.essences, ("0d01030102110200", "0d01030102060200"), strict=True):
        data = Path(essence.path).read_bytes()
        assert bytes.fromhex(label) in data
        assert bytes.fromhex(label[:-4] + "0100") not in data


def test_the_sound_of_op_atom_is_the_plates_own_to_the_sample(atom):
    with av.open(atom.essences[1].path) as file:
        heard = np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)])
    assert np.array_equal(heard, (np.arange(4805) % 2000).astype(np.int16))


def test_op1a_holds_picture_and_a_track_for_each_channel(plate, tmp_path):
    made = edited(plate, tmp_path, "dnxhr_444", "mxf")
    (essence,) = made.essences
    assert packages(essence.path) == sorted([essence.material, essence.file, essence.tape])
    with av.open(essence.path) as file:
        assert [stream.type for stream in file.streams] == ["video", "audio"]
        assert sum(1 for _ in file.decode(video=0)) == N_FRAMES


def test_dnxhd_and_xavc_have_the_compression_that_their_names_say(tmp_path):
    for codec, size, label in (
        ("dnxhd", (1280, 720), "0401020271100000"),  # VC-3, compression id 1250
        ("xavc", (1920, 1080), "0401020201323103"),  # AVC Intra, class 100 at 1080 lines
    ):
        plate = hdr_plate(tmp_path, size, n_frames=1)
        made = edited(plate, tmp_path / codec, codec, "mxf", sound=None)
        assert bytes.fromhex(label) in Path(made.picture).read_bytes()[:8192], codec


def test_sound_of_another_rate_is_resampled_in_mxf_and_told(tmp_path):
    tone = (8000 * np.sin(np.arange(11025) * 2 * np.pi * 441 / 44100)).astype(np.int16)
    plate = hdr_plate(tmp_path, (256, 128), sound_rate=44100, sound=tone)
    made = edited(plate, tmp_path / "e", "dnxhr_hqx", "mxf_opatom")
    assert any("44100 Hz" in loss.message for loss in made.losses)
    with av.open(made.essences[1].path) as file:
        heard = np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)])
    wanted = 8000 * np.sin(np.arange(4805) * 2 * np.pi * 441 / 48000)
    assert len(heard) == 4805 == made.essences[1].length
    assert np.abs(heard - wanted)[100:-100].max() < 40


def test_an_identity_is_a_umid_with_a_uuid():
    one = umid("digest", "file")
    assert len(one) == 32 and one == umid("digest", "file") != umid("digest", "tape")
    assert urn(one).startswith("urn:smpte:umid:060a2b34.01010105.01010f20.13000000.")
    assert one[22] >> 4 == 8 and one[24] >> 6 == 2


def test_dnxhr_444_is_rgb_in_its_frames_and_in_its_descriptor(plate, tmp_path):
    made = edited(plate, tmp_path, "dnxhr_444", "mxf", sound=None)
    with av.open(made.picture) as file:
        assert next(file.decode(video=0)).format.name == "gbrp10le"
    rgba_descriptor = bytes.fromhex("060e2b34025301010d01010101012900")
    assert rgba_descriptor in Path(made.picture).read_bytes()


def test_a_plate_without_timecode_begins_at_zero_in_mxf_and_that_is_told(tmp_path):
    plate = hdr_plate(tmp_path, (256, 128), timecode="")
    made = edited(plate, tmp_path / "e", "dnxhr_hqx", "mxf_opatom")
    assert probe_plate(Path(made.picture)).frames.start == 0
    assert any("no timecode" in loss.message for loss in made.losses)


def test_sound_shorter_than_the_picture_is_followed_by_silence_and_no_frame_is_lost(tmp_path):
    plate = hdr_plate(tmp_path, (256, 128), sound=np.full(2000, 99, np.int16))
    for container in ("mxf", "mxf_opatom"):
        made = edited(plate, tmp_path / container, "dnxhr_hqx", container)
        assert len(probe_plate(Path(made.picture)).frames) == N_FRAMES
        with av.open(made.essences[-1].path) as file:
            heard = np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)])
        assert len(heard) == 4805 and (heard[:2000] == 99).all() and not heard[2000:].any()


def test_anamorphic_pictures_keep_their_shape(tmp_path):
    with av.open(str(tmp_path / "p.mov"), "w") as movie:
        stream = movie.add_stream("prores_ks", rate=25)
        stream.width, stream.height, stream.pix_fmt = 256, 128, "yuv422p10le"
        stream.codec_context.sample_aspect_ratio = Fraction(64, 45)
        movie.mux(stream.encode(ramp("yuv422p10le", 256, 128, 0)))
        movie.mux(stream.encode(None))
    plate = probe_plate(tmp_path / "p.mov")
    for container in ("mov", "mxf", "mxf_opatom"):
        made = edited(plate, tmp_path / container, "dnxhr_hqx", container, sound=None)
        assert probe_plate(Path(made.picture)).format.pixel_aspect == Fraction(64, 45), container
