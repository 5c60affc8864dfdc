"""A control plane: etcd, API server, controller manager and scheduler on free ports of loopback.

Ready in a few seconds. No pod runs in it; admission, CEL, server-side apply, ownership and garbage
collection are the real ones.
"""

from __future__ import annotations

import http.client
import shutil
import signal
import ssl
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Final

import yaml

from tests.ports import free_ports

from . import leftovers
from .building import build
from .certificates import Authority, Pair
from .processes import ClusterError, Component

SERVICE_RANGE: Final = "10.96.0.0/16"
START_TIMEOUT_S: Final = 180.0
_PREFIX: Final = "llmcache-cluster-"


@dataclass(frozen=True)
class Client:
    """A way in: who, by which certificate, and the KUBECONFIG that says so."""

    user: str
    pair: Pair
    kubeconfig: Path


class ControlPlane:
    """One control plane, from `start` to `stop`.

    Args:
        api_server_flags: more flags for kube-apiserver, such as `--audit-log-path=...`.
        controller_manager_flags: more flags for kube-controller-manager.
        folder: where its files are; a temporary one by default, gone at the end.
        address: where the API server listens, so that others than this host reach it.
        service_range: of cluster IPs.
    """

    def __init__(
        self,
        api_server_flags: Sequence[str] = (),
        controller_manager_flags: Sequence[str] = (),
        folder: Path | None = None,
        address: str = "127.0.0.1",
    ) -> None:
        self._binary = build()
        self._own_folder = folder is None
        self.folder = folder or _own_folder()
        self._claim: IO[str] | None = leftovers.claim(self.folder) if self._own_folder else None
        self.address = address
        self._api_server_flags = tuple(api_server_flags)
        self._controller_manager_flags = tuple(controller_manager_flags)
        self.port, self._etcd, self._etcd_peer, *self._health = free_ports(5)
        self.authority = Authority(self.folder / "pki")
        self._serving = self.authority.server(
            "apiserver",
            ("127.0.0.1", "10.96.0.1", address, "localhost", "kubernetes", "kubernetes.default",
             "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"),
        )  # fmt: skip
        self._service_accounts = self.authority.service_account_key()
        self.admin = self.client("admin", "kubernetes-admin", ("system:masters",))
        self._components: dict[str, Component] = {}

    @property
    def url(self) -> str:
        """Base URL of the API server."""
        return f"https://{self.address}:{self.port}"

    @property
    def kubeconfig(self) -> Path:
        """An administrator's KUBECONFIG."""
        return self.admin.kubeconfig

    def client(self, file: str, user: str, groups: Sequence[str] = ()) -> Client:
        """A client certificate and the KUBECONFIG that uses it."""
        pair = self.authority.client(file, user, groups)
        path = self.folder / f"{file}.kubeconfig"
        credentials = {"client-certificate": str(pair.certificate), "client-key": str(pair.key)}
        self.write_kubeconfig(path, credentials)
        return Client(user, pair, path)

    def write_kubeconfig(
        self, path: Path, credentials: dict[str, str], server: str | None = None
    ) -> Path:
        """A KUBECONFIG with these credentials, for this API server or a `server` in front of it."""
        cluster = {
            "server": server or self.url,
            "certificate-authority": str(self.authority.certificate),
        }
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "tests",
            "clusters": [{"name": "tests", "cluster": cluster}],
            "users": [{"name": "tests", "user": credentials}],
            "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "tests"}}],
        }
        path.write_text(yaml.safe_dump(document), "utf-8")
        return path

    def start(self) -> ControlPlane:
        """Start everything and wait until it is ready; a ClusterError tells why it is not."""
        try:
            self._start_etcd()
            self.start_api_server()
            self._start_others()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop everything, and remove what it left."""
        for component in reversed(list(self._components.values())):
            component.stop()
        self._components.clear()
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        if self._claim is not None:
            self._claim.close()

    def __enter__(self) -> ControlPlane:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop_api_server(self, *, kill: bool = False) -> None:
        """Take the API server away, politely or not."""
        component = self._components.pop("apiserver")
        if kill:
            component.kill()
        else:
            component.stop()

    def pause_api_server(self) -> None:
        """Let it hang: connections stay, nothing is answered."""
        self._components["apiserver"].signal(signal.SIGSTOP)

    def resume_api_server(self) -> None:
        """Let it go on."""
        self._components["apiserver"].signal(signal.SIGCONT)

    def start_api_server(self) -> None:
        """Start the API server on its port, with the data that is there."""
        serving, accounts = self._serving, str(self._service_accounts)
        loopback = self.address == "127.0.0.1"
        self._run(
            "apiserver",
            f"--etcd-servers=http://127.0.0.1:{self._etcd}",
            f"--secure-port={self.port}",
            f"--bind-address={'127.0.0.1' if loopback else '0.0.0.0'}",
            *((f"--advertise-address={self.address}",) if not loopback else ()),
            f"--endpoint-reconciler-type={'none' if loopback else 'lease'}",
            f"--cert-dir={self.folder / 'pki'}",
            f"--tls-cert-file={serving.certificate}",
            f"--tls-private-key-file={serving.key}",
            f"--client-ca-file={self.authority.certificate}",
            f"--service-account-key-file={accounts}",
            f"--service-account-signing-key-file={accounts}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--kubelet-client-certificate={self.admin.pair.certificate}",
            f"--kubelet-client-key={self.admin.pair.key}",
            "--kubelet-preferred-address-types=InternalIP,Hostname",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--allow-privileged=true",
            f"--service-cluster-ip-range={SERVICE_RANGE}",
            "--profiling=false",
            *self._api_server_flags,
        )
        self._wait("apiserver", self._is_ready)

    def _start_etcd(self) -> None:
        client, peer = f"http://127.0.0.1:{self._etcd}", f"http://127.0.0.1:{self._etcd_peer}"
        self._run(
            "etcd",
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        )
        self._wait("etcd", lambda: _answers(self._etcd, "/health"))

    def _start_others(self) -> None:
        manager = self.client("controller-manager", "system:kube-controller-manager")
        scheduler = self.client("scheduler", "system:kube-scheduler")
        self._run(
            "controller-manager",
            f"--kubeconfig={manager.kubeconfig}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self._health[0]}",
            f"--cert-dir={self.folder / 'controller-manager'}",
            f"--service-account-private-key-file={self._service_accounts}",
            f"--root-ca-file={self.authority.certificate}",
            "--use-service-account-credentials=true",
            "--leader-elect=false",
            "--allocate-node-cidrs=true",
            "--cluster-cidr=10.244.0.0/16",
            f"--service-cluster-ip-range={SERVICE_RANGE}",
            *self._controller_manager_flags,
        )
        self._run(
            "scheduler",
            f"--kubeconfig={scheduler.kubeconfig}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self._health[1]}",
            f"--cert-dir={self.folder / 'scheduler'}",
            "--leader-elect=false",
        )
        path = "/api/v1/namespaces/default/serviceaccounts/default"
        self._wait("controller-manager", lambda: self.get(path)[0] == 200)

    def run(self, name: str, command: Sequence[str]) -> Component:
        """Run another component beside, which ends with this control plane."""
        component = Component(name, command, self.folder / f"{name}.log")
        self._components[name] = component
        return component

    def stop_component(self, name: str) -> None:
        """Stop one component, if it is there."""
        component = self._components.pop(name, None)
        if component is not None:
            component.stop()

    def check(self, name: str) -> None:
        """A ClusterError with the end of its log where a component has ended."""
        component = self._components[name]
        if not component.running:
            raise ClusterError(f"{name} has ended:\n{component.tail()}")

    def tail(self, name: str) -> str:
        """The end of a component's log."""
        return self._components[name].tail()

    def _run(self, name: str, *flags: str) -> None:
        self.run(name, [str(self._binary), name, *flags])

    def _wait(self, name: str, ready: Callable[[], bool]) -> None:
        until = time.monotonic() + START_TIMEOUT_S
        while not ready():
            self.check(name)
            if time.monotonic() > until:
                raise ClusterError(
                    f"{name} is not ready after {START_TIMEOUT_S:.0f} s:\n{self.tail(name)}"
                )
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        # Another process may answer on the port: ours must be alive, and know our certificates.
        return self._components["apiserver"].running and self.get("/readyz")[0] == 200

    def get(self, path: str, timeout: float = 10.0) -> tuple[int, bytes]:
        """GET as administrator: status and body; status 0 where nobody answers."""
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        context.load_cert_chain(self.admin.pair.certificate, self.admin.pair.key)
        connection = http.client.HTTPSConnection(
            self.address, self.port, timeout=timeout, context=context
        )
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        except OSError:
            return 0, b""
        finally:
            connection.close()


def _own_folder() -> Path:
    for folder in leftovers.ownerless(_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=_PREFIX))


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
