# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Lists what an image is made of, as SPDX 2.3 in JSON: Debian's packages for the files that came from them, and the
Swift packages that the program was built with. The same files and versions give the same bytes.
"""

import argparse
import hashlib
import json
import pathlib
import re
import subprocess


def debian_package_of(path: pathlib.Path) -> str | None:
    """The package that brought a file of this machine; None for files of no package."""
    for name in {str(path), str(path.resolve()), str(path.resolve()).removeprefix("/usr")}:
        found = subprocess.run(["dpkg-query", "--search", name], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.split(":")[0].split(",")[0]
    return None


def debian_packages(root: pathlib.Path) -> dict[str, str]:
    """Names and versions of the packages whose files lie in the image, and of what is copied by name."""
    names = {"ca-certificates", "tzdata"}
    for path in root.rglob("*.so*"):
        if owner := debian_package_of(pathlib.Path("/") / path.relative_to(root)):
            names.add(owner)
    listed = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Package} ${Version}\n", *sorted(names)],
        capture_output=True,
        text=True,
        check=False,
    )
    return dict(line.split(" ", 1) for line in listed.stdout.splitlines() if " " in line)


def swift_packages(resolved: pathlib.Path) -> dict[str, str]:
    """Names and versions of Package.resolved, which names all that may be linked into a program."""
    if not resolved.exists():
        return {}
    pins = json.loads(resolved.read_text())["pins"]
    return {pin["identity"]: pin["state"].get("version") or pin["state"]["revision"] for pin in pins}


def swift_version() -> str:
    told = subprocess.run(["swift", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"Swift version ([0-9.]+)", told)
    return found.group(1) if found else "unknown"


def package(kind: str, name: str, version: str) -> dict:
    identifier = re.sub(r"[^A-Za-z0-9.-]", "-", f"SPDXRef-{kind}-{name}")
    entry = {
        "SPDXID": identifier,
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
    }
    if kind != "almanac":
        locator = {"deb": f"pkg:deb/debian/{name}@{version}", "swift": f"pkg:swift/{name}@{version}"}[kind]
        reference = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator}
        entry["externalRefs"] = [reference]
    return entry


def document(options: argparse.Namespace) -> dict:
    parts = [package("almanac", f"almanac-{options.name}", options.version), package("swift", "swift", swift_version())]
    parts += [package("swift", *each) for each in sorted(swift_packages(options.resolved).items())]
    parts += [package("deb", *each) for each in sorted(debian_packages(options.root).items())]
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"almanac-{options.name}",
        "documentNamespace": f"https://almanac.dev/sbom/{options.name}/{digest}",
        # No time of building: an image of the same parts is the same image.
        "creationInfo": {"created": "1970-01-01T00:00:00Z", "creators": ["Tool: almanac deploy/images/sbom.py"]},
        "packages": parts,
        "relationships": [
            {
                "spdxElementId": "SPDXRef-DOCUMENT",
                "relationshipType": "DESCRIBES",
                "relatedSpdxElement": parts[0]["SPDXID"],
            },
            *(
                {
                    "spdxElementId": parts[0]["SPDXID"],
                    "relationshipType": "CONTAINS",
                    "relatedSpdxElement": part["SPDXID"],
                }
                for part in parts[1:]
            ),
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", required=True, help="operator or worker")
    parser.add_argument("--version", required=True)
    parser.add_argument("--root", required=True, type=pathlib.Path, help="the image's files")
    parser.add_argument("--resolved", required=True, type=pathlib.Path, help="Package.resolved")
    parser.add_argument("--output", required=True, type=pathlib.Path)
    options = parser.parse_args()
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(document(options), indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
