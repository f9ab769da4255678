"""`dubsync keys`: make, choose, hand on, trust and remove the keys of houses."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.proof.signs import at_terminal, give_passphrase
from dubsync.cli.tables import table
from dubsync.cli.verb import DONE, FAILED, as_json_option, file_path, folder_path, print_json, verb

if TYPE_CHECKING:
    from dubsync.service.keys.house_key import HouseKey
    from dubsync.service.keys.houses import House
    from dubsync.service.keys.trust import OwnKey

SCHEMA = "dubsync.keys/1"
ACTIONS = ("new", "list", "use", "export", "trust", "remove")
_SHOWN = 16


@click.command(short_help="Make and keep the house's key, and trust other houses.")
@click.argument("action", type=click.Choice(ACTIONS), metavar="ACTION")
@click.argument("key", default="")
@click.option("--house", default="", metavar="NAME", help="Name of the house, as others read it.")
@click.option("--certificate", type=file_path,
              help="use: the house's own certificates in PEM, the signing one first.")  # fmt: skip
@click.option("--encrypt", is_flag=True,
              help="new: encrypt the key with a passphrase; asks for it, or takes "
                   "DUBSYNC_PASSPHRASE.")  # fmt: skip
@click.option("--another", is_flag=True,
              help="new, use: although a key is in use; that one is kept.")  # fmt: skip
@click.option("--leaked", is_flag=True,
              help="remove: somebody else may have it; its signatures prove nothing from now on.",
)  # fmt: skip
@click.option("-o", "--out", type=folder_path, help="export: folder of the public file.")
@click.option("--yes", is_flag=True, help="remove: do not ask for confirmation.")
@as_json_option
@verb
def keys(
    action: str, key: str, house: str, certificate: Path | None, encrypt: bool, another: bool,
    leaked: bool, out: Path | None, yes: bool, as_json: bool,
) -> int:  # fmt: skip
    """Make a key for the house, or choose one that it has; say whom this machine trusts.

    \b
    dubsync keys new --house "Studio Nord"      make a key, and sign with it from now on
    dubsync keys list                           keys, and the houses trusted here
    dubsync keys use house.pem --house NAME     sign with a PEM key that the house has
    dubsync keys use "pkcs11:token=T;object=K?module-path=LIBRARY" --house NAME
    dubsync keys use FINGERPRINT                sign with a key of the list
    dubsync keys export                         write NAME.house.pem, for those who check
    dubsync keys trust NAME.house.pem           trust another house's signatures
    dubsync keys remove FINGERPRINT [--leaked]  stop signing with it, or stop trusting it

    Keys are kept in your settings folder, or where DUBSYNC_KEYS points; never in a project.  A
    passphrase or PIN is asked for, or is in DUBSYNC_PASSPHRASE; it is never an option.
    """
    _refuse_foreign(action, key, {
        "--house": (bool(house), ("new", "use")),
        "--certificate": (certificate is not None, ("use",)),
        "--encrypt": (encrypt, ("new",)), "--another": (another, ("new", "use")),
        "--leaked": (leaked, ("remove",)), "--out": (out is not None, ("export",)),
        "--yes": (yes, ("remove",)),
    })  # fmt: skip
    if action == "new":
        return _made(_new(house, encrypt, another), as_json)
    if action == "use":
        return _made(_used(key, house, certificate, another), as_json)
    if action == "list":
        return _list(as_json)
    if action == "export":
        return _export(out or Path(), as_json)
    if action == "trust":
        return _trust(Path(key), as_json)
    return _remove(key, leaked, yes, as_json)


def _refuse_foreign(
    action: str, which: str, options: dict[str, tuple[bool, tuple[str, ...]]]
) -> None:
    for name, (given, actions) in options.items():
        if given and action not in actions:
            raise click.UsageError(f"{name} is for dubsync keys {' and '.join(actions)}")
    asked = {"use": "KEY, a PEM file or a pkcs11 URI", "trust": "FILE", "remove": "FINGERPRINT"}
    if action in asked and not which:
        raise click.UsageError(f"name it: dubsync keys {action} {asked[action]}")
    if action not in asked and which:
        raise click.UsageError(f"dubsync keys {action} takes nothing more than its options")


def _new(house: str, encrypt: bool, another: bool) -> HouseKey:
    from dubsync.service.keys.keyring import new_key
    from dubsync.service.keys.private import passphrase

    if not house:
        raise click.UsageError('name the house: dubsync keys new --house "Studio Nord"')
    if encrypt and not passphrase():
        if not at_terminal():
            raise click.UsageError("--encrypt asks for a passphrase: run it in a terminal, or set "
                                   "DUBSYNC_PASSPHRASE")  # fmt: skip
        word = getpass.getpass("New passphrase: ")
        if not word or word != getpass.getpass("Again: "):
            raise click.UsageError("the passphrase is empty, or not the same twice")
        give_passphrase(word)
    return new_key(house, passphrase=passphrase() if encrypt else "", another=another)


def _used(which: str, house: str, certificate: Path | None, another: bool) -> HouseKey:
    from dubsync.service.keys.keyring import use_key, use_own
    from dubsync.service.keys.private import needs_word
    from dubsync.service.keys.trust import named_key

    if not which.startswith("pkcs11:") and not Path(which).exists():
        key = named_key(which)
        if house or certificate:
            raise click.UsageError("a key of the list has its name and its certificates already")
        if key.needs_passphrase and at_terminal():
            give_passphrase(getpass.getpass("Passphrase or PIN: "))
        key.ready()
        use_own(key)
        return key
    if needs_word(which) and at_terminal():
        give_passphrase(getpass.getpass("Passphrase or PIN: "))
    return use_key(which, house=house, certificate=certificate, another=another)


def _made(key: HouseKey, as_json: bool) -> int:
    if as_json:
        print_json(SCHEMA, {"using": _house_json(key.public)})
        return DONE
    click.echo(f"This machine signs for {key.house} from now on: {_short(key.public)}")
    click.echo(f"Back up the folder {key.folder.parents[1]}: without it no mark of yours is read.")
    click.echo("Give the public file to those who check your work: dubsync keys export")
    for warning in key.warnings():
        click.echo(f"  ? {warning}", err=True)
    return DONE


def _list(as_json: bool) -> int:
    from dubsync.service.keys.trust import folder_warning, own_keys, trusted_others

    own, others, folder = own_keys(), trusted_others(), folder_warning()
    if as_json:
        rows = [{**_house_json(one.public), "kind": one.kind, "in_use": one.in_use,
                 "leaked": one.public.leaked, "warnings": list(one.warnings)}
                for one in own]  # fmt: skip
        print_json(SCHEMA, {"own": rows, "trusted": [_house_json(one) for one in others],
                            "warnings": [folder] if folder else []})  # fmt: skip
        return DONE
    if not own:
        click.echo('This machine has no key.  Make one: dubsync keys new --house "NAME"')
    else:
        click.echo(table(("house", "fingerprint", "kind", "holds until", "signs"), [
            (one.public.name, one.public.fingerprint[:_SHOWN], _KINDS[one.kind],
             f"{one.public.until:%Y-%m-%d}", "yes" if one.in_use else "-")
            for one in own
        ]))  # fmt: skip
    if others:
        click.echo("\nTrusted:")
        click.echo(table(("house", "fingerprint", "holds until"), [
            (one.name, one.fingerprint[:_SHOWN], f"{one.until:%Y-%m-%d}") for one in others
        ]))  # fmt: skip
    for warning in (*([folder] if folder else []), *_warnings(own)):
        click.echo(f"  ? {warning}", err=True)
    return DONE


_KINDS = {"made": "made here", "pem": "PEM file", "pkcs11": "token", "removed": "removed"}


def _warnings(own: tuple[OwnKey, ...]) -> list[str]:
    return [f"{one.public.fingerprint[:_SHOWN]}: {text}" for one in own for text in one.warnings]


def _export(folder: Path, as_json: bool) -> int:
    from dubsync.service.keys.trust import export

    path, house = export(folder)
    if as_json:
        print_json(SCHEMA, {"written": str(path), "house": _house_json(house)})
        return DONE
    click.echo(f"Wrote {path}.  Nothing in it is secret: give it to those who check your work.")
    click.echo(f"Tell them its fingerprint by telephone: {_grouped(house.fingerprint)}")
    return DONE


def _trust(path: Path, as_json: bool) -> int:
    from dubsync.service.keys.trust import trust

    house, new = trust(path)
    if as_json:
        print_json(SCHEMA, {"trusted": _house_json(house), "new": new})
        return DONE
    click.echo(f"{house.name} is trusted here" + (" from now on." if new else " already."))
    click.echo(f"Fingerprint: {_grouped(house.fingerprint)}")
    click.echo("Compare it with the one that the house tells you by telephone: anybody can write "
               "any name into such a file.")  # fmt: skip
    return DONE


def _remove(which: str, leaked: bool, yes: bool, as_json: bool) -> int:
    from dubsync.service.keys.trust import meant, remove

    house = meant(which)
    if not yes:
        if as_json:
            raise click.UsageError("remove --json needs --yes")
        if not click.confirm(_question(house, leaked)):
            click.echo("Nothing was changed.", err=True)
            return FAILED
    done = remove(house.fingerprint, leaked=leaked)
    if as_json:
        print_json(SCHEMA, {"removed": _house_json(done.house), "own": done.own, "leaked": leaked,
                            "files": len(done.deleted)})  # fmt: skip
        return DONE
    if not done.own:
        click.echo(f"{house.name} ({_short(house)}) is no longer trusted here.")
        return DONE
    click.echo(f"The key {_short(house)} signs nothing any more.  What it signed can still be "
               "checked, and its marks read.")  # fmt: skip
    if leaked:
        click.echo("Tell everybody who trusts it today: they run dubsync keys remove "
                   f"{house.fingerprint[:_SHOWN]} and get your next public file.")  # fmt: skip
    return DONE


def _question(house: House, leaked: bool) -> str:
    if not house.own:
        return f"Trust {house.name} ({_short(house)}) no longer?"
    proof = "  Its signatures will count as no proof on this machine." if leaked else ""
    return f"Remove the key of {house.name} ({_short(house)}) for good?{proof}"


def _house_json(house: House) -> dict[str, Any]:
    return {
        "house": house.name, "fingerprint": house.fingerprint, "algorithm": house.algorithm,
        "since": house.since.isoformat(), "until": house.until.isoformat(),
    }  # fmt: skip


def _short(house: House) -> str:
    return f"{house.algorithm} {house.fingerprint[:_SHOWN]}"


def _grouped(fingerprint: str) -> str:
    return " ".join(fingerprint[n : n + 4] for n in range(0, len(fingerprint), 4))
