// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import KubeCore
import Logging
import Synchronization
import Testing

@testable import Serving

@Suite("Following a configuration", .timeLimit(.minutes(1)))
struct ConfigurationFollowerTests {
    /// A folder as a kubelet mounts a ConfigMap: the file is a link to a link that is swapped.
    private final class Mount: Sendable {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("almanac-map-\(UUID().uuidString)")
        var file: String { folder.appendingPathComponent(ServingConfiguration.fileName).path }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func write(_ text: String, as name: String) throws {
            let data = folder.appendingPathComponent("..\(name)")
            try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: data.appendingPathComponent(ServingConfiguration.fileName))
            let fresh = folder.appendingPathComponent("..data_tmp").path
            try FileManager.default.createSymbolicLink(atPath: fresh, withDestinationPath: "..\(name)")
            _ = fresh.withCString { rename($0, folder.appendingPathComponent("..data").path) }
            if !FileManager.default.fileExists(atPath: file) {
                try FileManager.default.createSymbolicLink(
                    atPath: file,
                    withDestinationPath: "..data/\(ServingConfiguration.fileName)"
                )
            }
        }

        func write(_ revision: String, stable: String) throws {
            let version = ServingConfiguration.Version(version: stable, uri: "models/team/traffic/\(stable)")
            let configuration = ServingConfiguration(revision: revision, name: "traffic", stable: version)
            try write(String(decoding: try KubeJSON.encoder().encode(configuration), as: UTF8.self), as: revision)
        }
    }

    private func following(
        _ mount: Mount,
        load: @escaping ConfigurationFollower.Load = { version, name in try .naive(version.version, name: name) },
        _ body: (ModelShelf) async throws -> Void
    ) async throws {
        let shelf = ModelShelf()
        var follower = ConfigurationFollower(
            path: mount.file,
            shelf: shelf,
            load: load,
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        )
        follower.pace = .milliseconds(5)
        try await withThrowingTaskGroup(of: Void.self) { [follower] group in
            group.addTask { try await follower.run() }
            defer { group.cancelAll() }
            try await body(shelf)
        }
    }

    private func eventually(_ shelf: ModelShelf, _ condition: (ServingReport) -> Bool) async throws -> ServingReport {
        while true {
            let report = shelf.report(isReady: true)
            if condition(report) { return report }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    @Test("waits for a file, takes it up, and takes the next one up when the link to it is swapped")
    func follows() async throws {
        let mount = Mount()
        try await following(mount) { shelf in
            let missing = try await eventually(shelf) { $0.problem != nil }
            #expect(missing.problem?.message.contains("cannot be read") == true && !missing.isReady)
            try mount.write("r1", stable: "v1")
            #expect(try await eventually(shelf) { $0.revision == "r1" }.isReady)
            let held = try shelf.entry(name: "traffic")
            try mount.write("r2", stable: "v2")
            _ = try await eventually(shelf) { $0.revision == "r2" }
            #expect(shelf.versions == ["v2"] && held.model.version == "v1")
            #expect(throws: ServingError.unknownVersion(name: "traffic", version: "v1")) {
                try shelf.entry(name: "traffic", version: "v1")
            }
        }
    }

    @Test("keeps what is served when the next file is no configuration, and says so until a good one comes")
    func garbage() async throws {
        let mount = Mount()
        try mount.write("r1", stable: "v1")
        try await following(mount) { shelf in
            _ = try await eventually(shelf) { $0.revision == "r1" }
            try mount.write("{", as: "broken")
            let report = try await eventually(shelf) { $0.problem != nil }
            #expect(report.revision == "r1" && report.isReady && report.problem?.reason == .invalidSpec)
            try mount.write("r2", stable: "v1")
            #expect(try await eventually(shelf) { $0.revision == "r2" }.problem == nil)
        }
    }

    @Test("tries a store again that did not answer, and leaves a damaged artifact alone")
    func retries() async throws {
        let mount = Mount()
        try mount.write("r1", stable: "away")
        let tries = Mutex<[String: Int]>([:])
        let load: ConfigurationFollower.Load = { version, name in
            let count = tries.withLock { tries in
                tries[version.version, default: 0] += 1
                return tries[version.version] ?? 0
            }
            switch version.version {
            case "away" where count < 2: throw ForecastingError.storeUnreachable(reason: "no answer")
            case "damaged": throw ForecastingError.artifactDigestMismatch(file: "weights", expected: "a", actual: "b")
            default: return try .naive(version.version, name: name)
            }
        }
        try await following(mount, load: load) { shelf in
            let waiting = try await eventually(shelf) { $0.problem != nil }
            #expect(waiting.problem?.reason == .storeUnreachable && !waiting.isReady)
            #expect(try await eventually(shelf) { $0.revision == "r1" }.problem == nil)
            try mount.write("r2", stable: "damaged")
            let report = try await eventually(shelf) { $0.problem != nil }
            #expect(report.problem?.reason == .artifactDigestMismatch && report.revision == "r1")
            try await Task.sleep(for: .milliseconds(1_200))
            #expect(tries.withLock { $0["damaged"] } == 1)
        }
    }
}
