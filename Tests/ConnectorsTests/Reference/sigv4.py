#!/usr/bin/env python3
# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Writes sigv4.json: requests and the signatures that botocore gives them.

python3 -m venv /tmp/venv && /tmp/venv/bin/pip install botocore
/tmp/venv/bin/python sigv4.py > sigv4.json
"""
import datetime
import hashlib
import json
import random

import botocore
import botocore.auth
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ODD = [" ", "+", "=", "&", "?", "#", "%", "/", "//", ".", "..", "~", "é", "日", "'", '"', "(", "!", "*", ":", "@", "$", ","]
PLAIN = "abcXYZ019-_."


def text(random_source, odd):
    parts = [random_source.choice(ODD) if random_source.random() < odd else random_source.choice(PLAIN) for _ in range(12)]
    return "".join(parts)


def encoded(value, safe):
    return "".join(chr(b) if chr(b).isalnum() and b < 128 or chr(b) in "-_.~" + safe else f"%{b:02X}" for b in value.encode())


def vector(random_source, index):
    when = datetime.datetime(2026, 1, 1) + datetime.timedelta(seconds=random_source.randrange(400 * 86400))
    region = random_source.choice(["us-east-1", "eu-west-3", "garage"])
    secret = "".join(random_source.choice("abcdefgh0123456789+/") for _ in range(40))
    token = "tok/en+=" + str(index) if index % 3 == 0 else None
    host = random_source.choice(["127.0.0.1:8333", "s3.eu-west-3.amazonaws.com", "bucket.localhost:9000"])
    path = "/" + encoded("b/" + text(random_source, 0.4), "/")
    names = random_source.sample(["prefix", "list-type", "uploads", "partNumber", "delimiter", "X", "x"], index % 4)
    query = [(name, "" if name == "uploads" else text(random_source, 0.5)) for name in names]
    body = bytes(random_source.randrange(256) for _ in range(random_source.choice([0, 1, 60])))
    headers = [("If-None-Match", "*")] if index % 2 else [("Range", "bytes=0-9"), ("Content-Type", "a/b;  c")]
    url = f"http://{host}{path}"
    if query:
        url += "?" + "&".join(f"{encoded(n, '')}={encoded(v, '')}" for n, v in query)
    method = random_source.choice(["GET", "PUT", "POST", "DELETE", "HEAD"])
    botocore.auth.get_current_datetime = lambda *_, **__: when
    request = AWSRequest(method=method, url=url, data=body, headers=dict(headers))
    request.headers["X-Amz-Content-SHA256"] = hashlib.sha256(body).hexdigest()
    signer = S3SigV4Auth(Credentials("AKIDEXAMPLE", secret, token), "s3", region)
    signer.add_auth(request)
    fields = {
        "time": int(when.replace(tzinfo=datetime.timezone.utc).timestamp()), "region": region, "secret": secret,
        "token": token, "method": method, "host": host, "path": path, "query": [list(q) for q in query],
        "headers": [list(h) for h in headers], "body": body.hex(), "authorization": request.headers["Authorization"],
    }
    return fields


def main():
    random_source = random.Random(7)
    vectors = [json.dumps(vector(random_source, index), sort_keys=True) for index in range(60)]
    print(f'{{"botocore": "{botocore.__version__}", "vectors": [')
    print(",\n".join(vectors))
    print("]}")


main()
