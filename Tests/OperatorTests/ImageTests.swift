// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeTestSupport
import Testing

@Suite("The images", .timeLimit(.minutes(5)))
struct ImageTests {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../deploy/images/build").standardizedFileURL.path

    /// Why no image can be packed here; nil where it can.
    private static let obstacle: String? = {
        let needed = ["/usr/bin/strip", "/usr/bin/python3", "/usr/bin/dpkg-query", "/usr/bin/curl"]
        return needed.first { !FileManager.default.isExecutableFile(atPath: $0) }.map { "there is no \($0)" }
    }()

    private func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "almanac-images-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    private func run(_ program: String, _ arguments: [String]) async throws -> String {
        let process = try ChildProcess(program, arguments)
        process.endInput()
        let output = process.readToEnd()
        try #require(try await process.ended() == 0, "\(output)")
        return output
    }

    @Test(
        "are the same bytes when they are built again, run without root and say what is in them",
        .enabled(if: obstacle == nil, "\(obstacle ?? "")")
    )
    func reproducible() async throws {
        let folders = [try folder(), try folder()]
        defer { for folder in folders { try? FileManager.default.removeItem(at: folder) } }
        for folder in folders {
            let command = #"ALMANAC_IMAGES_DIR="$1" exec "$2" operator=/usr/bin/curl"#
            _ = try await run("/bin/sh", ["-c", command, "sh", folder.path, Self.script])
        }
        let images = try folders.map { try Data(contentsOf: $0.appending(path: "operator.tar")) }
        #expect(images[0] == images[1])

        let unpacked = folders[0].appending(path: "unpacked")
        try FileManager.default.createDirectory(at: unpacked, withIntermediateDirectories: true)
        _ = try await run("/bin/tar", ["-xf", folders[0].path + "/operator.tar", "-C", unpacked.path])
        let docker = try json(unpacked.appending(path: "manifest.json")) as? [[String: Any]]
        let image = try #require(docker?.first)
        let configuration = try json(unpacked.appending(path: try #require(image["Config"] as? String)))
        let settings = (configuration as? [String: Any])?["config"] as? [String: Any]
        #expect(settings?["User"] as? String == "65532:65532")

        let parts = try json(folders[0].appending(path: "operator.spdx.json")) as? [String: Any]
        let names = (parts?["packages"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
        #expect(Set(names).isSuperset(of: ["almanac-operator", "swift", "libcurl4", "libssl3", "libc6", "tzdata"]))
        let layer = try #require((image["Layers"] as? [String])?.first)
        let listed = try await run("/bin/tar", ["-tzf", unpacked.path + "/" + layer])
        #expect(listed.contains("usr/share/almanac/sbom.spdx.json"))
    }

    private func json(_ file: URL) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    }
}
