#!/usr/bin/env python3
# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Tokens and key sets as PyJWT (2.15) makes them; prints tokens.json.

pip install 'pyjwt[crypto]', then: reference.py > tokens.json. The private keys are thrown away.
"""

import base64
import hashlib
import hmac
import json

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

NOW = 1_800_000_000
GOOD = {"iss": "https://login.example", "aud": "forecasts", "sub": "alice", "exp": NOW + 3600, "iat": NOW}


def key_pairs():
    yield "rsa", rsa.generate_private_key(65537, 2048), ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
    yield "p256", ec.generate_private_key(ec.SECP256R1()), ["ES256"]
    yield "p384", ec.generate_private_key(ec.SECP384R1()), ["ES384"]
    yield "ed", ed25519.Ed25519PrivateKey.generate(), ["EdDSA"]


def public_key(algorithm, private):
    return jwt.get_algorithm_by_name(algorithm).to_jwk(private.public_key(), as_dict=True)


def encoded(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forged_with_public_key(private):
    """What a verifier takes for good that lets the token choose between a public key and a shared secret."""
    pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    message = encoded({"alg": "HS256", "kid": "rsa"}) + "." + encoded(GOOD)
    return message + "." + encoded(hmac.new(pem, message.encode(), hashlib.sha256).digest())


def main():
    keys, tokens, pairs = [], [], {}
    for name, private, algorithms in key_pairs():
        pairs[name] = private
        keys.append({**public_key(algorithms[0], private), "kid": name, "use": "sig"})
        for algorithm in algorithms:
            text = jwt.encode(GOOD, private, algorithm, headers={"kid": name})
            tokens.append({"name": algorithm, "token": text, "expect": "alice"})
    small = rsa.generate_private_key(65537, 1024)
    large = ec.generate_private_key(ec.SECP521R1())
    keys.append({**public_key("RS256", small), "kid": "small"})
    keys.append({**public_key("ES512", large), "kid": "large"})
    keys.append({"kty": "oct", "kid": "shared", "k": encoded(b"secret" * 8)})
    keys.append({"kid": "nothing"})
    keys.append({**keys[0], "kid": "encrypting", "use": "enc"})
    keys.append({**keys[0], "kid": "only512", "alg": "RS512"})

    def add(name, expect, key="rsa", algorithm="RS256", headers=None, **claims):
        body = {each: value for each, value in {**GOOD, **claims}.items() if value is not None}
        text = jwt.encode(body, pairs.get(key, key), algorithm, headers={"kid": "rsa"} if headers is None else headers)
        tokens.append({"name": name, "token": text, "expect": expect})

    add("no key identifier", "alice", headers={})
    add("several audiences", "alice", aud=["others", "forecasts"])
    add("no subject", "", sub=None)
    add("expired within the leeway", "alice", exp=NOW - 30)
    add("expired", "expired", exp=NOW - 61)
    add("never expires", "expired", exp=None)
    add("valid soon, within the leeway", "alice", nbf=NOW + 30)
    add("valid later", "notYetValid", nbf=NOW + 61)
    add("another issuer", "wrongIssuer", iss="https://evil.example")
    add("no issuer", "wrongIssuer", iss=None)
    add("another audience", "wrongAudience", aud="others")
    add("no audience", "wrongAudience", aud=None)
    add("an unknown key", "unknownKey", headers={"kid": "other"})
    add("another key than it says", "wrongSignature", key=rsa.generate_private_key(65537, 2048))
    add("a key of another kind than it says", "unknownKey", key="p256", algorithm="ES256")
    add("a key that is too short", "unknownKey", key=small, headers={"kid": "small"})
    add("a key for encryption", "unknownKey", headers={"kid": "encrypting"})
    add("a key for another algorithm", "unknownKey", headers={"kid": "only512"})
    add("that algorithm", "alice", algorithm="RS512", headers={"kid": "only512"})
    add("an algorithm that is not accepted", "algorithmRefused", key=large, algorithm="ES512", headers={"kid": "large"})
    add("a shared secret", "algorithmRefused", key="secret" * 8, algorithm="HS256", headers={"kid": "shared"})
    add("extensions that must be understood", "malformed", headers={"kid": "rsa", "crit": ["exp"], "exp": 1})
    tokens.append({"name": "forged", "token": forged_with_public_key(pairs["rsa"]), "expect": "algorithmRefused"})
    for none in ["none", "None", "NONE", ""]:
        text = encoded({"alg": none, "kid": "rsa"}) + "." + encoded(GOOD) + "."
        tokens.append({"name": f"unsigned ({none})", "token": text, "expect": "algorithmRefused"})
    print(json.dumps({"now": NOW, "jwks": {"keys": keys}, "tokens": tokens}, indent=1))


if __name__ == "__main__":
    main()
