"""`dubsync align` says what it needs, and answers as text and as JSON."""

import json

from click.testing import CliRunner

from dubsync.cli.main import main


def dubsync(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_lines_or_all_must_be_named_and_where_to(reel):
    assert dubsync("align", reel, "--to", "original").exit_code == 2
    assert dubsync("align", reel, "a_L001", "--all", "--to", "original").exit_code == 2
    assert "--to" in dubsync("align", reel, "--all").output


def test_a_line_that_fails_is_told_with_what_to_try_and_exit_code_1(reel):
    result = dubsync("align", reel, "--all", "--to", "original", "--json")
    answer = json.loads(result.stdout)
    assert answer["schema"] == "dubsync.align/1"
    assert result.exit_code == 1
    assert {line["status"] for line in answer["lines"]} == {"failed"}
    text = dubsync("align", reel, "--all", "--to", "original").output
    assert "not aligned" in text and "Try:" in text


def test_the_help_says_what_is_stretched_and_what_is_not():
    text = " ".join(dubsync("align", "--help").output.split())
    assert "at most 12 %" in text and "cut or padded" in text and "EBU R37" in text
