"""`dubsync keys` as a user types it."""

import json

import click
import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.cli.proof import signs
from dubsync.cli.verb import verb
from dubsync.service.keys.house_key import house_key
from dubsync.service.keys.keyring import new_key


def keys(*arguments, **options):
    return CliRunner().invoke(main, ["keys", *map(str, arguments)], **options)


def test_a_house_makes_a_key_hands_its_public_file_on_and_removes_it(tmp_path):
    made = keys("new", "--house", "Studio Nord")
    assert made.exit_code == 0 and "signs for Studio Nord from now on" in made.output
    fingerprint = house_key().fingerprint
    listed = json.loads(keys("list", "--json").output)
    assert [(row["fingerprint"], row["in_use"]) for row in listed["own"]] == [(fingerprint, True)]
    exported = keys("export", "-o", tmp_path)
    (public,) = tmp_path.glob("*.house.pem")
    assert str(public) in exported.output
    assert "already" in keys("trust", public).output
    refused = keys("new", "--house", "Studio Nord")
    assert refused.exit_code == 1 and "--another" in refused.output
    assert keys("remove", fingerprint[:8], input="n\n").exit_code == 1
    assert keys("remove", fingerprint[:8], "--leaked", "--yes").exit_code == 0
    assert "leaked" in keys("list").output


def test_nothing_that_a_verb_prints_holds_a_secret(tmp_path):
    shown = keys("new", "--house", "Studio Nord", "--encrypt", env={"DUBSYNC_PASSPHRASE": "pass w"})
    shown_all = [shown.output, *(keys(*arguments).output for arguments in (
        ["list"], ["list", "--json"], ["export", "-o", tmp_path], ["new", "--house", "N"],
        ["use", house_key().fingerprint[:8]],
    ))]  # fmt: skip
    secret = house_key().mark_secret.hex()
    private = (house_key().folder / "key.pem").read_text().splitlines()[1]
    assert "ENCRYPTED" in (house_key().folder / "key.pem").read_text()
    for word in ("pass w", secret, private):
        assert not [text for text in shown_all if word in text]


@pytest.mark.parametrize(("arguments", "said"), [
    (["new"], "name the house"), (["trust"], "keys trust FILE"), (["list", "x"], "nothing more"),
    (["list", "--leaked"], "keys remove"), (["export", "--house", "X"], "keys new and use"),
    (["remove", "abcd", "--json"], "--yes"), (["new", "--house", "X", "--encrypt"], "passphrase"),
])  # fmt: skip
def test_a_command_line_that_means_nothing_is_refused(arguments, said):
    if "remove" in arguments:
        arguments = ["remove", new_key("Studio Nord").fingerprint[:8], *arguments[2:]]
    answer = keys(*arguments)
    assert answer.exit_code == 2
    assert said in answer.output


@pytest.mark.parametrize("file", ["gone.pem", "text.pem"])
def test_a_file_that_is_no_houses_is_named(tmp_path, file):
    (tmp_path / "text.pem").write_text("nothing")
    answer = keys("trust", tmp_path / file)
    assert answer.exit_code == 1
    assert file in answer.output and "Try:" in answer.output


@click.command()
@verb
@signs.signs
def signing():
    """A verb that signs."""
    click.echo("worked")


def test_a_verb_that_signs_says_that_there_is_no_key():
    answer = CliRunner().invoke(signing)
    assert answer.exit_code == 0 and "worked" in answer.output
    assert "dubsync keys new --house NAME" in answer.output


def test_a_verb_that_signs_asks_for_the_passphrase_before_its_work(monkeypatch):
    new_key("Studio Nord", passphrase="word")
    refused = CliRunner().invoke(signing)
    assert refused.exit_code == 1
    assert "worked" not in refused.output and "DUBSYNC_PASSPHRASE" in refused.output
    asked = []
    monkeypatch.setattr(signs, "at_terminal", lambda: True)
    monkeypatch.setattr(signs.getpass, "getpass", lambda text: asked.append(text) or "word")
    monkeypatch.setenv("DUBSYNC_PASSPHRASE", "")
    answer = CliRunner().invoke(signing)
    assert answer.exit_code == 0 and "worked" in answer.output
    assert len(asked) == 1 and "Studio Nord" in asked[0]
    assert "word " not in answer.output


@click.command()
@verb
@signs.unlocks
def judging():
    """A verb that signs one line."""
    click.echo("worked")


def test_a_verb_that_signs_one_line_asks_for_the_passphrase_and_says_nothing_without_a_key(
    monkeypatch,
):
    assert CliRunner().invoke(judging).output == "worked\n"
    new_key("Studio Nord", passphrase="word")
    monkeypatch.setattr(signs, "at_terminal", lambda: True)
    monkeypatch.setattr(signs.getpass, "getpass", lambda text: "word")
    monkeypatch.setenv("DUBSYNC_PASSPHRASE", "")
    assert CliRunner().invoke(judging).output == "worked\n"
    assert house_key().may_sign
