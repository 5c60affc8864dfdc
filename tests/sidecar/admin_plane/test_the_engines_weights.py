"""How far the engine's weights are, in the statistics."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmcache_sidecar.app.preparing import told


def test_it_is_said_in_words_for_people(tmp_path: Path) -> None:
    file = tmp_path / "weights.json"
    file.write_text('{"model": "org/llama", "bytes": 4000000000, "total": 16000000000}')
    assert told(str(file)) == "org/llama: 4.00 of 16.00 GB (25 %)"


@pytest.mark.parametrize("text", ["", "{", '{"done": true}', "[]", '{"model": "m", "bytes": "x"}'])
def test_what_says_nothing_is_nothing(tmp_path: Path, text: str) -> None:
    file = tmp_path / "weights.json"
    file.write_text(text)
    assert told(str(file)) is None
    assert told(str(tmp_path / "missing")) is None
    assert told(None) is None
