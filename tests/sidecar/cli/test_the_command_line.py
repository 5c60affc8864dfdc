"""Flags and the file say the same things; where both speak, the flags win."""

from __future__ import annotations

import argparse
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, get_args

import pytest
from pydantic import BaseModel

from llmcache_api import SidecarConfig
from llmcache_sidecar.cli import EXIT_USAGE, FLAGS, Flag, load_config, main

ENGINE = ["--upstream", "http://127.0.0.1:8000"]


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `check`."""
    code = main(["check", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def loaded(*arguments: str, path: Path | None = None) -> SidecarConfig:
    options = argparse.Namespace(**{flag.name[2:].replace("-", "_"): None for flag in FLAGS})
    for name, value in zip(arguments[::2], arguments[1::2], strict=True):
        setattr(options, name[2:].replace("-", "_"), value)
    return load_config(options, path)


def field_of(flag: Flag) -> Any:
    """The model's field that a flag sets."""
    model: Any = SidecarConfig
    field = None
    for step in flag.field.split("."):
        field = next(f for n, f in model.model_fields.items() if step in (f.alias, n))
        options = (field.annotation, *get_args(field.annotation))
        model = next((o for o in options if isinstance(o, type) and issubclass(o, BaseModel)), None)
    return field


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_a_flags_field_exists(flag: Flag) -> None:
    assert field_of(flag) is not None
    assert flag.text


@pytest.mark.parametrize("flag", [f for f in FLAGS if f.choices], ids=lambda flag: flag.name)
def test_a_flags_choices_are_those_of_its_field(flag: Flag) -> None:
    assert {value for _, value in flag.choices} == {m.value for m in field_of(flag).annotation}
    assert all(short == short.lower() for short, _ in flag.choices)


def test_flags_have_names_and_fields_of_their_own() -> None:
    assert len({flag.name for flag in FLAGS}) == len(FLAGS)
    assert len({flag.field for flag in FLAGS}) == len(FLAGS)


TAKEN: dict[str, str] = {
    "--upstream": "http://other:1",
    "--listen": "127.0.0.1:1",
    "--admin": "127.0.0.1:2",
    "--admin-token-file": "token",
    "--redis": "redis://r:1",
    "--redis-password-file": "password",
    "--redis-ca-file": "ca",
    "--memory-store-bytes": "1Mi",
    "--first-level-bytes": "1Ki",
    "--qdrant": "http://q:6333",
    "--pgvector": "postgresql://p/d",
    "--semantic": "off",
    "--embedding": "/models/mine",
    "--threshold": "0.9",
    "--tenant-key-file": "other.key",
    "--auth": "none",
    "--api-keys-file": "keys",
    "--upstream-api-key-file": "key",
    "--engine-revision": "v1",
    "--default-temperature": "0.25",
    "--exact": "observe",
    "--ttl": "7m",
    "--max-temperature": "0.5",
    "--sampled": "exact-only",
    "--tenancy": "shared",
    "--tenant-header": "X-Team",
    "--namespace": "other",
    "--holdout-percent": "2.5",
    "--shadow-percent": "1.5",
    "--readiness": "self",
    "--drain-propagation": "3s",
    "--drain-timeout": "4s",
    "--log-level": "debug",
    "--log-format": "json",
}
ALSO: dict[str, list[str]] = {
    "--redis-password-file": ["--redis", "redis://r"],
    "--redis-ca-file": ["--redis", "redis://r"],
    "--upstream-api-key-file": ["--auth", "none"],
    "--tenant-header": ["--tenancy", "header"],
}
"""What a flag needs beside it."""


def test_every_flag_has_a_case_here() -> None:
    assert set(TAKEN) == {flag.name for flag in FLAGS}


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_a_flag_sets_its_field(flag: Flag) -> None:
    given = {"--upstream": ENGINE[1], "--tenant-key-file": "k"}
    also = ALSO.get(flag.name, [])
    given |= dict(zip(also[::2], also[1::2], strict=True))
    given[flag.name] = TAKEN[flag.name]
    words = [word for pair in given.items() for word in pair]
    code = main(["check", *words])
    assert code == 0
    config = loaded(*words)
    value: Any = config.model_dump(mode="json", by_alias=True)
    for step in flag.field.split("."):
        value = value[step]
    if flag.name == "--embedding":
        value = value["path"]
    expected = dict(flag.choices).get(TAKEN[flag.name], TAKEN[flag.name])
    assert str(value) in (expected, {"1Mi": "1048576", "1Ki": "1024"}.get(expected, expected))


@pytest.mark.parametrize(
    ("text", "source", "model"),
    [("bundled", "Bundled", None), ("some/model", "Hub", "some/model"), ("./mine", "Folder", None),
     ("~nobody-of-that-name/mine", "Folder", None)],
)  # fmt: skip
def test_the_embedding_flag_tells_a_folder_from_a_name(
    text: str, source: str, model: str | None
) -> None:
    embedding = loaded(
        "--upstream", ENGINE[1], "--embedding", text
    ).response_cache.semantic.embedding
    assert (embedding.source.value, embedding.model) == (source, model)


def test_a_flag_overrides_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "upstream: {url: http://file:1, revision: v1}\n"
        "responseCache: {exact: {ttl: 5m, mode: Observe}, policy: {maxTemperature: 0.1}}\n"
    )
    config = loaded("--upstream", "http://flag:2", "--ttl", "9m", path=path)
    assert config.upstream.url == "http://flag:2"
    assert config.upstream.revision == "v1"
    assert config.response_cache.exact.ttl == 540.0
    assert config.response_cache.exact.mode.value == "Observe"
    assert config.response_cache.policy.max_temperature == 0.1
    code, out, _ = checked(capsys, "--config", str(path))
    assert code == 0
    assert out == f"{path} is valid: {loaded(path=path).version()}\n"


def test_a_list_of_keys_means_that_keys_are_asked_for() -> None:
    assert loaded(*ENGINE, "--api-keys-file", "keys").auth.mode.value == "Keys"


def test_what_the_command_line_says_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = checked(capsys, *ENGINE)
    assert (code, err) == (0, "")
    assert out == f"the command line is valid: {loaded(*ENGINE).version()}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "upstream.url: is required: say --upstream http://HOST:PORT"),
        (["--upstream", "engine:8000"], "upstream.url: got (not shown"),
        ([*ENGINE, "--ttl", "5"], "responseCache.exact.ttl: got '5'; takes a duration"),
        ([*ENGINE, "--max-temperature", "hot"], "maxTemperature: got 'hot'; takes a valid number"),
        ([*ENGINE, "--max-temperature", "nan"], "maxTemperature: got nan"),
        ([*ENGINE, "--max-temperature", "inf"], "maxTemperature: got inf; takes 2.0 or less"),
        ([*ENGINE, "--holdout-percent", "0.01"], "holdoutPercent: got 0.01; takes steps of 0.1"),
        ([*ENGINE, "--auth", "keys"], "takes `keysFile` with mode Keys"),
        ([*ENGINE, "--tenancy", "header"], "takes `header` with scope Header"),
        ([*ENGINE, "--redis", "redis://:hunter2@r"], "takes `tenantKeyFile` with a shared store"),
        ([*ENGINE, "--redis", "http://:hunter2@r"], "stores.redis.url: got (not shown"),
        ([*ENGINE, "--admin", "0.0.0.0:1"], "takes `tokenFile`"),
        ([*ENGINE, "--log-level", "loud"], "log.level: got 'loud'"),
        ([*ENGINE, "--listen", "8080"], "listen: got '8080'"),
        (["--config", "there-is-no-such-file"], "can't be read: No such file or directory"),
    ],
    ids=str,
)  # fmt: skip
def test_what_can_not_be_used_is_told_and_exits_with_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["check", *arguments], arguments):
        assert main(words) == EXIT_USAGE
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("llmcache-sidecar: ")
        assert message in captured.err
        assert "hunter2" not in captured.err
        assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    "arguments",
    [["--exact", "on"], ["--exact", "Serve"], ["--up", "http://e"], ["--unknown"], ["extra"],
     ["--ttl"], ["drain", "--unknown"]],
    ids=str,
)  # fmt: skip
def test_a_flag_that_there_is_not_exits_with_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == EXIT_USAGE
    assert "usage: llmcache-sidecar" in capsys.readouterr().err


@pytest.mark.parametrize("section", ["upstream", "stores", "responseCache"])
def test_a_section_that_is_none_is_told_and_not_filled_in(
    section: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"{section}: 5\n")
    flags = [*ENGINE, "--redis", "redis://r", "--ttl", "1h", "--tenant-key-file", "k"]
    code, _, err = checked(capsys, "--config", str(path), *flags)
    assert code == EXIT_USAGE
    assert f"{section}: got 5; takes" in err


def test_help_names_every_flag(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    out = capsys.readouterr().out
    assert all(flag.name in out for flag in FLAGS)
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0


# drain.


class Admin(http.server.BaseHTTPRequestHandler):
    """An admin plane that wants the token `secret`."""

    asked: ClassVar[list[str]]

    def do_POST(self) -> None:
        self.asked.append(self.path)
        known = self.headers.get("Authorization") == "Bearer secret"
        self.send_response(200 if known else 401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def admin() -> Iterator[tuple[str, list[str]]]:
    """An admin plane's address, and the paths that were asked for."""

    class Handler(Admin):
        asked: ClassVar[list[str]] = []

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"127.0.0.1:{server.server_port}", Handler.asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_drain_asks_a_running_sidecar(admin: tuple[str, list[str]], tmp_path: Path) -> None:
    address, asked = admin
    token = tmp_path / "token"
    token.write_text("secret\n")
    assert main(["drain", "--admin", address, "--admin-token-file", str(token)]) == 0
    port = address.partition(":")[2]
    assert main(["drain", "--admin", f":{port}", "--admin-token-file", str(token)]) == 0
    assert asked == ["/admin/v1/drain"] * 2


def test_drain_says_why_it_could_not(
    admin: tuple[str, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "token"
    broken.write_text("a\nb")
    address, _ = admin
    for words in (
        ["--admin", address],
        ["--admin", "127.0.0.1:1"],
        ["--admin", "127.0.0.1:port"],
        ["--admin", "a b:1"],
        ["--admin", address, "--admin-token-file", str(tmp_path / "none")],
        ["--admin", address, "--admin-token-file", str(broken)],
    ):
        assert main(["drain", *words]) == 1, words
        captured = capsys.readouterr()
        assert captured.err.startswith("llmcache-sidecar drain: ")
        assert captured.err.count("\n") == 1
