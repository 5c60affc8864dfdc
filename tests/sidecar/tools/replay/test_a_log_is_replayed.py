"""`llmcache quality --log FILE`: a log in, figures out, and no prompt where it does not belong."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from llmcache_sidecar.tools.cli import main
from llmcache_sidecar.tools.errors import ToolError
from llmcache_sidecar.tools.replay import report
from llmcache_sidecar.tools.replay.counting import count, judge
from llmcache_sidecar.tools.replay.log import Line, read_log
from llmcache_sidecar.tools.replay.running import Refused, Replayed, Served

FAQ: list[dict[str, Any]] = [
    {"prompt": "How do I reset the password of the shop?", "intent": "reset"},
    {"prompt": "How do I reset the password of the shop?", "intent": "reset"},
    {"prompt": "How can I reset the password of the shop?", "intent": "reset"},
    {"prompt": "How do I delete the password of the shop?", "intent": "delete"},
]


def written(folder: Path, lines: list[dict[str, Any]]) -> Path:
    path = folder / "log.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_hits_refusals_and_wrong_hits_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["quality", "--log", str(written(tmp_path, FAQ)), "--thresholds", ""]) == 0
    told = capsys.readouterr().out
    assert "4 requests" in told
    assert "possible hits       50.0%" in told
    assert "exact hits          25.0%" in told
    assert "semantic hits       25.0%" in told
    assert "of 1 semantic hits that the log can judge" in told
    assert "near enough, and refused by\n  kinds                1" in told


def test_hits_that_answer_another_intent_are_none_of_the_possible(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two may mean different things by the same words: more hits than there should be any."""
    asked = [{"prompt": "What is a noun?", "intent": name} for name in "aba"]
    assert main(["quality", "--log", str(written(tmp_path, asked)), "--thresholds", ""]) == 0
    told = capsys.readouterr().out
    assert "possible hits       33.3%" in told
    assert "exact hits          66.7%" in told
    assert "of the possible    100.0%" in told
    assert "wrong              none: no hit was semantic" in told


def test_prompts_are_shown_on_a_terminal_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["quality", "--log", str(written(tmp_path, FAQ)), "--thresholds", ""])
    told = capsys.readouterr()
    assert "password" not in told.out + told.err


def test_answers_age_by_the_time_of_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[dict[str, Any]] = [
        {"prompt": "What is a noun?", "time": "2026-01-01T10:00:00Z"},
        {"prompt": "What is a noun?", "time": 1_767_261_660.0},
        {"prompt": "What is a noun?", "time": "2026-01-03T10:00:00Z"},
    ]
    main(["quality", "--log", str(written(tmp_path, asked)), "--thresholds", ""])
    assert "exact hits          33.3%" in capsys.readouterr().out


def test_a_configuration_decides_what_is_cached(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "sidecar.yaml"
    config.write_text(
        "upstream: {url: 'http://engine:8000'}\nresponseCache: {exact: {mode: 'Off'}, "
        "semantic: {mode: 'Off'}}\n"
    )
    log = str(written(tmp_path, FAQ))
    main(["quality", "--log", log, "--config", str(config), "--thresholds", ""])
    told = capsys.readouterr().out
    assert "exact hits           0.0%" in told
    assert "semantic hits        0.0%" in told


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("secret words", "takes one JSON object a line"),
        ('{"text": "secret words"}', "`prompt` or `messages` is required"),
        ('{"prompt": ["secret words"]}', "`prompt`"),
        ('{"prompt": "secret words", "time": "secret words"}', "`time`"),
    ],
)
def test_a_line_that_is_none_is_named_and_not_shown(tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"prompt": "What is a noun?"}\n' + line + "\n")
    with pytest.raises(ToolError) as caught:
        read_log(path)
    assert "line 2" in str(caught.value)
    assert why in str(caught.value)
    assert "secret" not in str(caught.value)


def test_what_gateways_write_is_read(tmp_path: Path) -> None:
    """A byte order mark, and null for what a request did not say."""
    log = tmp_path / "log.jsonl"
    row = {"prompt": "hello", "model": None, "temperature": None, "intent": None, "time": None}
    log.write_bytes(b"\xef\xbb\xbf" + json.dumps(row).encode())
    assert read_log(log) == [Line(prompt="hello")]


def test_a_missing_and_an_empty_log_say_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["quality", "--log", str(tmp_path / "none")]) == 1
    (tmp_path / "empty").write_text("\n")
    assert main(["quality", "--log", str(tmp_path / "empty")]) == 1
    told = capsys.readouterr().err
    assert "can't be read" in told
    assert "one JSON object a line" in told


def test_intents_judge_before_answers_and_free_texts_stay_open() -> None:
    def line(intent: str | None = None, answer: str | None = None) -> Line:
        return Line(prompt="x", intent=intent, answer=answer)

    assert judge(line("a", "yes"), line("a", "no")) == (True, True)
    assert judge(line(answer="Yes."), line(answer="yes")) == (True, True)
    assert judge(line(answer="yes"), line(answer="no")) == (False, True)
    open_ = judge(line(answer="It is in the menu at the left."), line(answer="Look into the menu."))
    assert open_ == (None, True)
    assert judge(line(answer="yes"), line()) == (None, False)


def test_wrong_hits_are_counted_among_those_that_can_be_judged() -> None:
    lines = [Line(prompt="a", intent="1"), Line(prompt="b", intent="2"), Line(prompt="c")]
    served = [Served("miss"), Served("semantic", 0, 0.9), Served("semantic", 0, 0.9)]
    found = count(lines, served)
    assert (found.semantic, found.judged, found.wrong, found.possible) == (2, 1, 1, None)


def test_examples_begin_with_what_is_known_to_be_wrong_and_print_no_control_characters() -> None:
    lines = [
        Line(prompt="one\x1b[2J", intent="1"),
        Line(prompt="two", intent="2"),
        Line(prompt="three", intent="1"),
    ]
    served = [Served("miss"), Served("semantic", 0, 0.99), Served("semantic", 0, 0.9)]
    run = Replayed(served, [Refused(2, 1, 0.9, "numbers", "3 against 4")])
    shown = list(report.examples(lines, run, 5))
    assert "WRONG" in shown[1]
    assert shown[2].strip() == "two"
    assert not any("\x1b" in text for text in shown)
    assert any("numbers (3 against 4)" in text for text in shown)


def test_a_terminal_gets_examples(tmp_path: Path) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    with redirect_stdout(Terminal()) as terminal:
        main(["quality", "--log", str(written(tmp_path, FAQ)), "--thresholds", ""])
    assert "How can I reset the password of the shop?" in terminal.getvalue()
