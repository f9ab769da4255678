"""The pages people read: guides are short, links lead somewhere, every verb has its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dubsync.cli.main import main
from tests.conftest import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
GUIDES = sorted((DOCS / "guides").glob("*.md"))
MOST_WORDS, MOST_DECIMALS = 800, 10
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_DECIMAL = re.compile(r"\d\.\d|(?<!\w)\.\d")
_CODE = re.compile(r"```[\s\S]*?```|^ {4}.*$|`[^`\n]*`", re.MULTILINE)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _slug(heading: str) -> str:
    """The anchor that MkDocs gives a heading."""
    plain = (
        re.sub(r"[^\w\s-]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)).strip().lower()
    )
    return re.sub(r"[-\s]+", "-", plain)


def _anchors(path: Path) -> set[str]:
    return {_slug(match) for match in re.findall(r"^#+ (.+)$", _text(path), re.MULTILINE)}


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_a_guide_is_short_and_holds_few_figures(page: Path) -> None:
    assert len(_text(page).split()) <= MOST_WORDS
    assert len(_DECIMAL.findall(_CODE.sub("", _text(page)))) <= MOST_DECIMALS


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.stem)
def test_every_relative_link_leads_to_a_page_and_a_heading(page: Path) -> None:
    for link in _LINK.findall(_CODE.sub("", _text(page))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            assert anchor in _anchors(target), f"{page.name}: {link}"


@pytest.mark.parametrize("verb", sorted(main.commands))
def test_every_verb_is_shown_in_a_guide(verb: str) -> None:
    assert any(f"dubsync {verb}" in _text(page) for page in GUIDES)


def test_the_first_things_are_two_clicks_from_the_readme() -> None:
    first = {
        (ROOT / link.partition("#")[0]).resolve()
        for link in _LINK.findall(_text(ROOT / "README.md"))
    }
    for name in ("install", "first_clip", "first_reel", "troubleshooting"):
        assert DOCS / "guides" / f"{name}.md" in first
    assert "why-is-my-mouth-blurred" in _anchors(DOCS / "guides" / "troubleshooting.md")


def test_every_page_is_in_the_navigation() -> None:
    navigation = _text(ROOT / "mkdocs.yml")
    for page in PAGES:
        name = page.relative_to(DOCS).as_posix()
        assert name in navigation, name
