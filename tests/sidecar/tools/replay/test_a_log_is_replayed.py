"""`llmcache quality --log FILE`: a log in, figures out, and no prompt where it does not belong."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
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


def test_what_a_cross_encoder_has_the_last_word_on_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        {"prompt": "How is honey made by bees?"},
        {"prompt": "How much honey does a bee make in its life?"},
        {"prompt": "What would happen if you fell into a black hole?"},
        {"prompt": "Suppose I fall into a black hole, what happens then?"},
    ]
    assert main(["quality", "--log", str(written(tmp_path, lines)), "--thresholds", ""]) == 0
    told = capsys.readouterr().out
    assert re.search(r"cross-encoder +1\b", told), told
    assert re.search(r"\bverifier +\d", told) is None, told


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


def test_what_only_observes_is_replayed_as_if_it_served_and_all_lines_are_one_tenants(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "sidecar.yaml"
    config.write_text(
        "responseCache: {exact: {mode: Observe}, semantic: {mode: Observe}, "
        "tenancy: {scope: Header, header: X-Team}}\n"
    )
    log = str(written(tmp_path, FAQ))
    main(["quality", "--log", log, "--config", str(config), "--thresholds", ""])
    told = capsys.readouterr().out
    assert "exact hits          25.0%" in told
    assert "semantic hits       25.0%" in told


def test_a_class_of_ones_own_is_in_force_from_the_first_line_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "sidecar.yaml"
    config.write_text(
        "responseCache: {policy: {custom: [{name: Legal, examples: ['Can I sue my landlord?']}]}}\n"
    )
    log = str(written(tmp_path, [{"prompt": "Can I sue the landlord?"}]))
    main(["quality", "--log", log, "--config", str(config), "--thresholds", ""])
    assert "1 legal" in capsys.readouterr().out


@pytest.mark.parametrize("cache", ["5", "", "{semantic: 5}", "{exact: {ttl: 5}}"])
def test_a_configuration_that_is_none_is_told(
    cache: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "sidecar.yaml"
    config.write_text(f"responseCache: {cache}\n")
    log = str(written(tmp_path, FAQ))
    assert main(["quality", "--log", log, "--config", str(config)]) == 1
    assert "responseCache" in capsys.readouterr().err


@pytest.mark.parametrize("cosines", ["90", "0", "nan", ".9,high"])
def test_thresholds_that_are_no_cosines_are_told_before_anything_is_replayed(
    cosines: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["quality", "--log", str(written(tmp_path, FAQ)), "--thresholds", cosines])
    assert left.value.code == 2
    told = capsys.readouterr().err
    assert "takes cosines above 0 and up to 1" in told
    assert "as configured" not in told


def asked_of_all(folder: Path, cosines: str) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "llmcache_sidecar.tools.cli",
        "quality",
        "--thresholds",
        cosines,
    ]
    return subprocess.Popen(
        [*command, "--log", str(written(folder, FAQ))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_who_stops_it_has_what_was_found_until_then(tmp_path: Path) -> None:
    more = ",".join(["0.9"] * 100)
    with asked_of_all(tmp_path, more) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "refused by" in line:
                break
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert told.endswith("\nstopped\n")
    assert "Traceback" not in told


def test_a_reader_that_has_gone_makes_no_noise(tmp_path: Path) -> None:
    with asked_of_all(tmp_path, "") as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        told = process.stderr.read()
    assert process.returncode == 1
    assert told == "==> as configured\n"


def test_of_what_each_gate_refused_the_nearest_are_kept() -> None:
    run = Replayed()
    for number in range(3000):
        run.refuse(Refused(number, 0, number / 3000, "numbers", ""))
    run.refuse(Refused(1, 0, 0.5, "kinds", ""))
    assert run.gates == {"numbers": 3000, "kinds": 1}
    kept = run.refused["numbers"]
    assert [one.asked for one in kept] == list(range(2999, 2999 - len(kept), -1))
    assert 100 <= len(kept) <= 1000


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("secret words", "takes one JSON object a line"),
        ('{"text": "secret words"}', "`prompt` or `messages` is required"),
        ('{"prompt": ["secret words"]}', "`prompt`"),
        ('{"prompt": "secret words", "time": "secret words"}', "`time`"),
        ('{"prompt": "secret words", "time": 1767261660000}', "look like milliseconds"),
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
    run = Replayed(served)
    run.refuse(Refused(2, 1, 0.9, "numbers", "3 against 4"))
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
