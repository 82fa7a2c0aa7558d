# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Packs a folder into a container image archive, byte for byte the same for the same files.

The archive is an OCI image layout (containerd, podman, Docker 25 and newer) that carries Docker's older
`manifest.json` too. One layer, every file owned by root with a fixed time, no container engine needed.
"""

import argparse
import gzip
import hashlib
import io
import json
import pathlib
import platform
import tarfile

OCI = "application/vnd.oci.image"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def add_file(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mode = 0o644
    archive.addfile(entry, io.BytesIO(content))


def layer_of(root: pathlib.Path) -> bytes:
    """All of `root` as a tar, in the order of its names, without times and owners."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path in sorted(root.rglob("*")):
            entry = archive.gettarinfo(str(path), arcname=str(path.relative_to(root)))
            entry.uid = entry.gid = entry.mtime = 0
            entry.uname = entry.gname = ""
            if entry.isdir():
                entry.mode = 0o755
            elif entry.isfile():
                entry.mode = 0o755 if entry.mode & 0o100 else 0o644
            if entry.islnk():  # a hard link: store its content, so that the order of links does not matter
                entry.type, entry.linkname, entry.size = tarfile.REGTYPE, "", path.stat().st_size
            if entry.isfile():
                with path.open("rb") as content:
                    archive.addfile(entry, content)
            else:
                archive.addfile(entry)
    return buffer.getvalue()


def configuration_of(options: argparse.Namespace, architecture: str, layer: bytes) -> bytes:
    labels = {"org.opencontainers.image.version": options.version, "org.opencontainers.image.licenses": "Apache-2.0"}
    return json.dumps(
        {
            "architecture": architecture,
            "os": "linux",
            "config": {
                "Entrypoint": options.entrypoint,
                "User": options.user,
                "WorkingDir": "/",
                "Env": ["PATH=/usr/bin", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt", *options.env],
                "Labels": labels,
            },
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]},
        },
        sort_keys=True,
    ).encode()


def write_image(options: argparse.Namespace) -> int:
    """Writes the archive and returns the layer's compressed size in bytes."""
    architecture = ARCHITECTURES.get(platform.machine(), platform.machine())
    layer = layer_of(options.root)
    packed = gzip.compress(layer, compresslevel=options.level, mtime=0)
    configuration = configuration_of(options, architecture, layer)
    blobs: dict[str, bytes] = {}

    def blob(kind: str, content: bytes) -> dict:
        digest = hashlib.sha256(content).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = content
        return {"mediaType": f"{OCI}.{kind}", "digest": f"sha256:{digest}", "size": len(content)}

    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{OCI}.manifest.v1+json",
        "config": blob("config.v1+json", configuration),
        "layers": [blob("layer.v1.tar+gzip", packed)],
    }
    names = {"io.containerd.image.name": options.name, "org.opencontainers.image.ref.name": options.name.split(":")[-1]}
    described = blob("manifest.v1+json", json.dumps(manifest, sort_keys=True).encode())
    described |= {"annotations": names, "platform": {"architecture": architecture, "os": "linux"}}
    index = {"schemaVersion": 2, "mediaType": f"{OCI}.index.v1+json", "manifests": [described]}

    def path_of(descriptor: dict) -> str:
        return "blobs/" + descriptor["digest"].replace(":", "/")

    docker = {
        "Config": path_of(manifest["config"]),
        "RepoTags": [options.name],
        "Layers": [path_of(each) for each in manifest["layers"]],
    }
    with tarfile.open(options.output, "w", format=tarfile.GNU_FORMAT) as archive:
        add_file(archive, "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
        add_file(archive, "index.json", json.dumps(index, sort_keys=True).encode())
        add_file(archive, "manifest.json", json.dumps([docker], sort_keys=True).encode())
        for name in sorted(blobs):
            add_file(archive, name, blobs[name])
    return len(packed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True, help="reference with a tag, as almanac.dev/worker:dev")
    parser.add_argument("--root", required=True, type=pathlib.Path, help="folder that becomes the file system")
    parser.add_argument("--output", required=True, type=pathlib.Path, help="archive to write")
    parser.add_argument("--entrypoint", required=True, nargs="+")
    parser.add_argument("--user", required=True, help="numeric user:group")
    parser.add_argument("--env", nargs="*", default=[], metavar="NAME=VALUE")
    parser.add_argument("--version", default="dev")
    parser.add_argument("--level", type=int, default=9, help="gzip level")
    options = parser.parse_args()
    size = write_image(options)
    print(f"{options.name}: {size / 1e6:.1f} MB compressed, in {options.output}")


if __name__ == "__main__":
    main()
