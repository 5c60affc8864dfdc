"""The golden files: an upgrade of the operator rolls no pod."""

from __future__ import annotations

from . import golden


def test_every_renderer_renders_what_its_files_say() -> None:
    assert golden.main(["--check"]) == 0


def test_there_is_no_file_without_a_renderer() -> None:
    assert {path.name for path in golden.FOLDER.iterdir()} == set(golden.pages())
