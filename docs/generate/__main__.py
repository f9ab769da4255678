"""`python -m docs.generate`: write the generated parts of the reference pages anew."""

from __future__ import annotations

import sys

import click

from docs.generate.pages import DOCS, stale, written


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a page is stale.")
def main(check: bool) -> None:
    """Write the generated parts of docs/ from the code."""
    pages = stale()
    if check:
        for page in pages:
            click.echo(f"docs/{page} is stale; run: python -m docs.generate", err=True)
        sys.exit(1 if pages else 0)
    for page in pages:
        (DOCS / page).write_text(written(page), encoding="utf-8")
        click.echo(f"docs/{page}")


if __name__ == "__main__":
    main()
