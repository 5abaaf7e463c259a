"""One connection to a server: TLS 1.3 trusted by pins, its exporter, and frames (sections 2 and 3 of PROTOCOL.md)."""
import contextlib
import select
import socket
import time

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

import wire
from wire import pb

PATIENCE_S = 30.0


class Ended(Exception):
    """The server closed the link."""


class Untrusted(Exception):
    """The server is not the one that the pins name."""


def _spki(key):
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _is_ca(certificate):
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def trusted_ca_key(chain, pins, district):
    """The pinned CA key that signed chain[0], whose name is the district's; Untrusted else.  Dates are not judged."""
    leaf = chain[0]
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    if district not in names.get_values_for_type(x509.DNSName):
        raise Untrusted(f"the server is not {district}")
    for certificate in chain:
        key = certificate.public_key()
        if not _is_ca(certificate) or wire.sha256(_spki(key))[:20] not in pins:
            continue
        with contextlib.suppress(InvalidSignature):
            key.verify(leaf.signature, leaf.tbs_certificate_bytes, ec.ECDSA(leaf.signature_hash_algorithm))
            return key
    raise Untrusted("no pinned key signed the server's certificate")


class Link:
    """One TLS connection that carries frames.  Non-blocking inside, so that every wait has a bound."""

    def __init__(self, payload, patience_s=PATIENCE_S, source=None, pins=None):
        self.patience_s = patience_s
        self.buffer = b""
        self.received = 0
        self.socket = socket.create_connection((payload.host, payload.port), timeout=patience_s,
                                               source_address=(source, 0) if source else None)
        self.socket.setblocking(False)
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        context.set_min_proto_version(SSL.TLS1_3_VERSION)
        context.set_verify(SSL.VERIFY_NONE)  # the pins alone decide, below
        context.set_alpn_protos([wire.ALPN])
        self.tls = SSL.Connection(context, self.socket)
        self.tls.set_tlsext_host_name(payload.district.encode())
        self.tls.set_connect_state()
        try:
            self._do(self.tls.do_handshake)
            if self.tls.get_alpn_proto_negotiated() != wire.ALPN:
                raise Untrusted("the server does not speak bihuan/1")
            chain = [certificate.to_cryptography() for certificate in self.tls.get_peer_cert_chain()]
            self.ca_key = trusted_ca_key(chain, pins or payload.pins, payload.district)
        except Exception:
            self.close()
            raise
        self.ca_pin = wire.sha256(_spki(self.ca_key))[:20]
        self.server_key_hash = wire.sha256(_spki(chain[0].public_key()))
        self.exporter = self.tls.export_keying_material(wire.EXPORTER_LABEL, 32)

    def _do(self, action, *arguments, until=None):
        end = until or time.monotonic() + self.patience_s
        while True:
            try:
                return action(*arguments)
            except SSL.WantReadError:
                wait = ([self.socket], [], [])
            except SSL.WantWriteError:
                wait = ([], [self.socket], [])
            except (SSL.ZeroReturnError, SSL.SysCallError, SSL.Error, OSError) as why:
                raise Ended(f"{type(why).__name__} {why}") from None
            left = end - time.monotonic()
            if left <= 0 or not any(select.select(*wait, left)):
                raise TimeoutError("the server did not answer in time")

    def send_bytes(self, raw):
        view = raw
        while view:
            view = view[self._do(self.tls.send, view[:65536]):]

    def send(self, kind, message):
        self.send_bytes(wire.message_frame(kind, message))

    def receive(self, patience_s=None):
        """The next ServerFrame.  Ended at the end of the link."""
        end = time.monotonic() + (self.patience_s if patience_s is None else patience_s)
        while True:
            size = int.from_bytes(self.buffer[:4], "big") if len(self.buffer) >= 4 else 2
            if not 2 <= size <= wire.FRAME_MAX:
                raise AssertionError(f"the server sent a frame of {size} bytes")
            if len(self.buffer) >= 4 + size:
                raw, self.buffer = self.buffer[:4 + size], self.buffer[4 + size:]
                if raw[4] != 0:
                    raise AssertionError(f"the server sent the flag {raw[4]}")
                return pb.ServerFrame.FromString(raw[5:])
            more = self._do(self.tls.recv, 65536, until=end)
            self.received += len(more)
            self.buffer += more

    def pending(self):
        return bool(self.buffer) or self.tls.pending() > 0

    def close(self, notify=True):
        if notify:
            with contextlib.suppress(SSL.Error, OSError):
                self.tls.shutdown()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        self.close()
        return False
