"""The generated reference is complete and fresh: every verb, option, setting, table and schema."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import get_type_hints

import click
import pytest
from click.testing import CliRunner

import dubsync
from docs.generate import settings as settings_page
from docs.generate.__main__ import main
from docs.generate.blocks import PageError, filled, names
from docs.generate.columns import listed
from docs.generate.commands import verbs
from docs.generate.json_output import schema_names
from docs.generate.pages import DOCS, PAGES, stale
from docs.generate.project_file import TABLES
from dubsync.cli.main import main as command
from dubsync.core.settings import Settings
from dubsync.core.tweak.controls import CONTROLS
from dubsync.editorial.formats import FORMATS
from dubsync.qc.measures import MEASURES
from dubsync.service.settings import project_file as reader


def _page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_no_generated_page_is_stale() -> None:
    assert stale() == [], "run: python -m docs.generate"


def test_every_verb_and_every_option_is_in_the_reference() -> None:
    page = _page("reference/commands.md")
    assert set(verbs()) == set(command.commands)
    for name, verb in verbs().items():
        section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        assert section, name
        for parameter in verb.params:
            if isinstance(parameter, click.Argument):
                shown = [parameter.make_metavar(click.Context(verb))]
            else:
                shown = list(parameter.opts)
            assert all(f"`{part}`" in section for part in shown), f"{name} {parameter.name}"


def test_every_setting_is_in_the_reference_and_says_what_it_means() -> None:
    page = _page("reference/settings.md")
    for entry in fields(Settings):
        section = get_type_hints(Settings)[entry.name]
        if not is_dataclass(section):
            assert f"| `{entry.name}` |" in page
            continue
        printed = settings_page.meanings(section)
        rows = page.partition(f"### `[{entry.name}]`")[2].partition("\n### ")[0]
        for leaf in fields(section):
            assert printed.get(leaf.name), f"{entry.name}.{leaf.name} has no line in its docstring"
            assert f"| `{leaf.name}` |" in rows, f"{entry.name}.{leaf.name}"


def test_the_tables_of_the_project_file_are_those_that_the_reader_knows() -> None:
    printed = {table.name: {key.name for key in table.keys} for table in TABLES}
    assert set(printed) == set(reader.TABLES) - set(reader.SETTING_TABLES)
    assert printed["project"] == set(reader.PROJECT_KEYS)
    assert printed["characters"] == set(reader.CHARACTER_KEYS)
    assert printed["languages"] == set(reader.LANGUAGE_KEYS)
    page = _page("reference/settings.md")
    assert all(table.head in page for table in TABLES)


@pytest.mark.parametrize("schema", schema_names())
def test_every_json_schema_is_in_the_reference(schema: str) -> None:
    row = next(line for line in _page("reference/json.md").splitlines() if f"`{schema}`" in line)
    assert row.split("|")[2].strip(), f"say in docs/generate/json_output.py what writes {schema}"


def test_every_public_name_of_the_package_is_in_the_reference() -> None:
    page = _page("reference/python-api.md")
    public = [name for name in getattr(dubsync, "__all__", ()) if not name.startswith("__")]
    assert all(f"::: dubsync.{name}\n" in page for name in public)


def test_columns_of_a_docstring_become_a_list_and_sentences_stay() -> None:
    assert listed("x, y  pixels of\n      the plate") == "- `x, y`: pixels of the plate"
    assert listed("The user asked.  Not an error.") == "The user asked.  Not an error."


def test_every_format_is_in_the_reference() -> None:
    read, written = _page("reference/formats.md"), _page("reference/writers.md")
    assert all(f"| {each.label} |" in read for each in FORMATS)
    assert all(f"| {each.name} |" in written for each in FORMATS if each.delivers)


def test_every_control_and_every_measure_is_in_the_reference() -> None:
    assert all(f"| `{name}` |" in _page("reference/tweak.md") for name in CONTROLS)
    assert all(f"| {name} |" in _page("reference/measures.md") for name in MEASURES)


def test_every_generated_part_in_the_docs_has_a_generator() -> None:
    for path in DOCS.rglob("*.md"):
        page = path.relative_to(DOCS).as_posix()
        assert sorted(names(_page(page))) == sorted(PAGES.get(page, {})), page


def test_check_exits_with_1_when_a_page_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(main, ["--check"]).exit_code == 0
    monkeypatch.setitem(CONTROLS, "ears", CONTROLS["jaw"])  # type: ignore[arg-type]
    result = CliRunner().invoke(main, ["--check"])
    assert result.exit_code == 1
    assert "docs/reference/tweak.md is stale" in result.output


def test_a_part_without_a_generator_or_without_an_end_is_refused() -> None:
    with pytest.raises(PageError, match="parts"):
        filled("<!-- generated: a -->\n<!-- end of generated: a -->\n", {})
    with pytest.raises(PageError, match="no line"):
        filled("<!-- generated: a -->\n", {"a": "new"})
