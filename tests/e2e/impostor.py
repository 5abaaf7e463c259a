"""Servers that are not bihuand: certificates of a district that never was, and a TLS server that says what it is told.

It stands where the true server stood, on the same port, and keeps every byte that a handset said to it.
"""
import contextlib
import datetime
import socket
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BORN = datetime.datetime(2001, 1, 1)  # and ran out long ago: a handset judges no dates
PATIENCE_S = 20


def new_key():
    return ec.generate_private_key(ec.SECP256R1())


def read_key(path):
    return serialization.load_pem_private_key(path.read_bytes(), None)


def read_chain(path):
    end = b"-----END CERTIFICATE-----"
    return [x509.load_pem_x509_certificate(part + end) for part in path.read_bytes().split(end)[:-1]]


def key_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def crt_pem(*certificates):
    return b"".join(crt.public_bytes(serialization.Encoding.PEM) for crt in certificates)


def _certificate(subject, key, issuer, issuer_key, extension):
    def named(text):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
    builder = x509.CertificateBuilder().subject_name(named(subject)).issuer_name(named(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(BORN).not_valid_after(BORN + datetime.timedelta(days=1))
    return builder.add_extension(extension, critical=False).sign(issuer_key, hashes.SHA256())


def authority(key, name="CA"):
    return _certificate(name, key, name, key, x509.BasicConstraints(ca=True, path_length=None))


def leaf(key, ca_key, dns_name, issuer="CA"):
    return _certificate("server", key, issuer, ca_key, x509.SubjectAlternativeName([x509.DNSName(dns_name)]))


class Impostor:
    """Serves one certificate chain on a port; answer(connection) says something after each handshake."""

    def __init__(self, folder, port, key, chain, answer=None):
        folder.mkdir(exist_ok=True)
        (folder / "key.pem").write_bytes(key_pem(key))
        (folder / "crt.pem").write_bytes(crt_pem(*chain))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_3
        self.context.set_alpn_protocols(["bihuan/1"])
        self.context.load_cert_chain(folder / "crt.pem", folder / "key.pem")
        self.answer = answer
        self.met = 0        # connections whose handshake was tried
        self.heard = b""    # what handsets said after it
        self.listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self):
        while True:
            try:
                peer = self.listener.accept()[0]
            except OSError:
                return
            with contextlib.closing(peer), contextlib.suppress(OSError):
                self._meet(peer)

    def _meet(self, peer):
        peer.settimeout(PATIENCE_S)
        self.met += 1
        with self.context.wrap_socket(peer, server_side=True) as link:
            more = b"-"
            while more:
                more = link.recv(65536)
                self.heard += more
                if more and self.answer:
                    self.answer(link)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, value, traceback):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(PATIENCE_S)
        return False
