# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
#
# For those with a registry and a container engine; `make images` builds the same image without either.
# docker build --file deploy/images/worker.Dockerfile --tag almanac.dev/worker:dev .
ARG SWIFT_IMAGE=swift:6.3-bookworm
FROM ${SWIFT_IMAGE} AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
    ca-certificates libcurl4-openssl-dev libopenblas-dev libsnappy-dev libssl-dev libyaml-dev libzstd-dev python3 \
    tzdata zlib1g-dev
COPY . /source
WORKDIR /source
RUN swift build --configuration release --static-swift-stdlib --product almanac-worker \
    && deploy/images/build --root /image worker=.build/release/almanac-worker

FROM scratch
COPY --from=build /image/worker /
ENV PATH=/usr/bin SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER 65532:65532
ENTRYPOINT ["/usr/bin/almanac-worker"]
