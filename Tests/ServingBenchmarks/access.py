# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""What a server that is not open to everybody needs, and what its clients show: made anew with openssl."""

import base64
import json
import secrets
import subprocess
import time

ISSUER, AUDIENCE = "https://issuer.example", "forecasts"


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, check=True, capture_output=True).stdout


class Access:
    """A certificate, an API key and a signed token, and the flags of a server that goes by them."""

    def __init__(self, folder):
        self.folder = folder
        self.certificate = self.place("tls") / "tls.crt"
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "1"]
        names = ["-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1"]
        openssl("req", "-x509", *curve, *names, "-keyout", folder / "tls" / "tls.key", "-out", self.certificate)
        self.key = secrets.token_hex(32)
        (self.place("keys") / "client").write_text(self.key)
        self.token = self.signed()
        self.tls = ["--tls", folder / "tls"]
        self.keys = ["--auth-keys", folder / "keys"]
        self.tokens = ["--auth-jwt-issuer", ISSUER, "--auth-jwt-audience", AUDIENCE]
        self.tokens += ["--auth-jwt-keys", folder / "issuer"]

    def place(self, name):
        (self.folder / name).mkdir(parents=True)
        return self.folder / name

    def signed(self):
        """A token of an RSA key of 2,048 bits, of which the folder `issuer` gets the public half."""
        private = self.folder / "issuer.key"
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", private)
        modulus = openssl("rsa", "-in", private, "-noout", "-modulus").decode().strip().partition("=")[2]
        key = {"kty": "RSA", "kid": "bench", "alg": "RS256", "use": "sig"}
        key |= {"n": text(bytes.fromhex(modulus)), "e": text((65537).to_bytes(3, "big"))}
        (self.place("issuer") / "keys.json").write_text(json.dumps({"keys": [key]}))
        header = {"alg": "RS256", "kid": "bench", "typ": "JWT"}
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "bench", "exp": int(time.time()) + 86400}
        signed = ".".join(text(json.dumps(part).encode()) for part in (header, claims))
        return f"{signed}.{text(openssl('dgst', '-sha256', '-sign', private, data=signed.encode()))}"


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
