"""The images that a cluster without a registry needs, as archives that containerd imports.

Built with buildah from the project's own Dockerfiles, over a base made by debootstrap. An archive lies
in `${LLMCACHE_CACHE:-~/.cache/llmcache}/images` under the hash of what went into it, so that a second
run takes seconds; buildah keeps the layers of dependencies between builds.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.engine import install as engine
from tests.engine import tiny_model
from tests.engine.install import cache_folder
from tests.steps import StepError, step

from . import host
from .processes import ClusterError

ROOT: Final = Path(__file__).resolve().parents[2]
BASE: Final = "localhost/llmcache/base:bookworm"
_VLLM_FILE: Final = "tests/cluster/Dockerfile.vllm"
_BASE_PACKAGES: Final = "python3,python3-venv,ca-certificates"
TIMEOUT_S: Final = 1500.0


@dataclass(frozen=True)
class Image:
    """One image.

    Attributes:
        name: its reference, which names nothing outside of this machine.
        dockerfile: below the checkout.
        sources: files and folders that go into it; their content names the archive.
        over: the image it is built from.
    """

    name: str
    dockerfile: str
    sources: tuple[str, ...]
    over: str = BASE


_PACKAGES: Final = ("crds", "operator", "sidecar", "requirements", "pyproject.toml")

OPERATOR: Final = Image("localhost/llmcache/operator:test", "Dockerfile.operator", _PACKAGES)
SIDECAR: Final = Image("localhost/llmcache/sidecar:test", "Dockerfile.sidecar", _PACKAGES)
ENGINE: Final = Image(
    "localhost/llmcache/simulator:test",
    "tests/cluster/Dockerfile.simulator",
    (*_PACKAGES, "tests/simulator"),
    SIDECAR.name,
)
QDRANT: Final = Image(
    "localhost/llmcache/qdrant-double:test",
    "tests/cluster/Dockerfile.qdrant",
    (*_PACKAGES, "tests/sidecar/vectors"),
    SIDECAR.name,
)
REDIS: Final = Image("localhost/llmcache/redis:test", "tests/cluster/Dockerfile.redis", ())
VLLM: Final = "localhost/llmcache/vllm-cpu:test"
"""A real vLLM for CPUs with a tiny model: the engine of one test."""

ALL: Final = (SIDECAR, OPERATOR, ENGINE, QDRANT, REDIS)
"""In an order in which each is built after the one it is over."""


def archives(images: Sequence[Image] = ALL) -> list[Path]:
    """Archives of the images, built where they are not there yet."""
    host.install()
    folder = cache_folder() / "images"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        built: set[str] = set()
        return [_archive(image, folder, built) for image in images]


def vllm_archive() -> Path:
    """The archive of a real vLLM for CPUs, out of the installation that the engine's tests use.

    2 GB and a few minutes the first time.

    Raises:
        InstallError: it is not installed here; the message says what to do.
    """
    reason = engine.problem()
    if reason is not None:
        raise engine.InstallError(reason)
    host.install()
    [packages] = engine.venv_folder().glob("lib/python3*/site-packages")
    recipe = hashlib.sha256(
        (engine.recipe() + (ROOT / _VLLM_FILE).read_text() + str(tiny_model.FORMAT)).encode()
    ).hexdigest()[:16]
    folder = cache_folder() / "images"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        target = folder / f"vllm-cpu-{recipe}.tar"
        if not target.exists():
            _provide(BASE, set())
            arguments = {
                "BASE_IMAGE": BASE,
                "SITE_PACKAGES": str(packages.relative_to(cache_folder())),
                "MODEL": tiny_model.folder().name,
            }
            flags = [f for n, v in arguments.items() for f in ("--build-arg", f"{n}={v}")]
            _run(
                f"building {VLLM}", "buildah", "bud", "--isolation", "chroot", *flags,
                "--file", str(ROOT / _VLLM_FILE), "--tag", VLLM, str(cache_folder()),
            )  # fmt: skip
            _write(VLLM, target)
    return target


def _archive(image: Image, folder: Path, built: set[str]) -> Path:
    stem = image.name.rpartition("/")[2].partition(":")[0]
    target = folder / f"{stem}-{_digest(image)}.tar"
    if target.exists():
        return target
    _provide(image.over, built)
    _build(image, built)
    _write(image.name, target)
    return target


def _write(name: str, target: Path) -> None:
    """Write an image's archive, in the place of older ones."""
    stem = target.stem.rpartition("-")[0]
    unfinished = target.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    _run(f"writing {stem}", "buildah", "push", name, f"docker-archive:{unfinished}:{name}")
    for older in target.parent.glob(f"{stem}-*.tar"):
        older.unlink()
    unfinished.rename(target)


def _provide(name: str, built: set[str]) -> None:
    """The image that others are built over is in buildah's store.

    Args:
        built: images that this run has built.
    """
    if name == BASE:
        if not host.quietly("buildah", "images", "--quiet", BASE):
            _make_base()
        return
    [image] = [image for image in ALL if image.name == name]
    _provide(image.over, built)
    _build(image, built)


def _build(image: Image, built: set[str]) -> None:
    if image.name in built:
        return
    command = [
        "buildah", "bud", "--layers", "--network", "host", "--isolation", "chroot",
        "--build-arg", f"BASE_IMAGE={image.over}", "--file", image.dockerfile, "--tag", image.name,
    ]  # fmt: skip
    for path in ("/etc/ssl/certs", "/etc/pip.conf", "/etc/resolv.conf"):
        # Machines behind a proxy with a certificate of its own say so there.
        if Path(path).exists():
            command += ["--volume", f"{path}:{path}:ro"]
    for name in ("PIP_INDEX_URL", "PIP_CERT", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"):
        if name in os.environ:
            command += ["--env", f"{name}={os.environ[name]}"]
    _run(f"building {image.name}", *command, str(ROOT))
    built.add(image.name)


def _make_base() -> None:
    """A small Debian with Python."""
    folder = Path(tempfile.mkdtemp(prefix="llmcache-base-"))
    try:
        _run(
            "making the base image", "debootstrap", "--variant=minbase",
            f"--include={_BASE_PACKAGES}", "bookworm", str(folder / "root"),
        )  # fmt: skip
        for left in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale"):
            shutil.rmtree(folder / "root" / left, ignore_errors=True)
        container = host.command("buildah", "from", "scratch").strip()
        host.command(
            "buildah", "copy", "--quiet", container, str(folder / "root"), "/", timeout=600
        )
        host.command("buildah", "commit", "--quiet", "--rm", container, BASE, timeout=600)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _digest(image: Image) -> str:
    digest = hashlib.sha256(image.over.encode())
    for path in _files((image.dockerfile, *image.sources)):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _files(names: Iterable[str]) -> Iterable[Path]:
    for name in names:
        path = ROOT / name
        if path.is_file():
            yield path
        else:
            yield from sorted(
                p for p in path.rglob("*") if p.is_file() and "__pycache__" not in p.parts
            )


def _run(what: str, *command: str) -> None:
    """Run a long step."""
    log = cache_folder() / "images" / "build.log"
    log.unlink(missing_ok=True)
    try:
        step(what, command, log, seconds=TIMEOUT_S, folder=ROOT)
    except StepError as error:
        raise ClusterError(str(error)) from None
