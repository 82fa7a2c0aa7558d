# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""A version in PyTorch behind Ray Serve, in KServe's V1 protocol.

    ray_peer.py PORT REPLICAS

Without FastAPI between, which takes less time a request.
"""

import signal
import sys
import threading

import ray
from ray import serve
from starlette.requests import Request


@serve.deployment(max_ongoing_requests=64)
class Forecasts:
    def __init__(self):
        import twin

        self.model = twin.from_environment()

    async def __call__(self, request: Request):
        instances = (await request.json())["instances"]
        histories = [instance["history"] for instance in instances]
        return {"predictions": self.model.forecast(histories, [instance["end"] for instance in instances])}


def main():
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    # The memory of its object store is reserved, not used; a third of the machine's would be its default.
    ray.init(include_dashboard=False, object_store_memory=100 << 20, log_to_driver=False)
    serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])})
    serve.run(Forecasts.options(num_replicas=int(sys.argv[2])).bind(), route_prefix="/v1/models/model:predict")
    ended.wait()
    serve.shutdown()
    ray.shutdown()


if __name__ == "__main__":
    main()
