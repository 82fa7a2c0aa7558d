// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Forecasting

@Suite("Cleaning up a store")
struct ArtifactCleanupTests {
    private static let versions = (1...8).map { "2026112\($0)-000000" }

    /// Fitted once: fitting takes longer than all of a store's work.
    private static let artifact = Result { try ArtifactStoreTests.artifact() }

    /// A store with versions, with runs of two pipelines, and with the data set that each refers to.
    private func fill(_ store: ArtifactStore) throws {
        let artifact = try Self.artifact.get()
        for version in Self.versions {
            let address = try ArtifactAddress(namespace: "default", pipeline: "parking", version: version)
            _ = try store.publish(artifact, as: address)
        }
        for (run, day) in zip(["parking-g1", "parking-g2", "clone", "other-g1"], 1...4) {
            let pipeline = run == "other-g1" ? "other" : "parking"
            let owner = RunOwner(pipeline: pipeline, created: "2026-11-2\(day)T00:00:00Z")
            let digest = String(repeating: String(day), count: 64)
            let reference = DatasetReference(digest: "sha256:\(digest)", rows: 1, from: "a", to: "b")
            for (name, data) in [
                (RunOwner.fileName, try JSONEncoder().encode(owner)),
                ("dataset.json", try JSONEncoder().encode(reference)),
            ] {
                try store.writeRunFile(name, namespace: "default", run: run, bytes: Array(data))
            }
            try store.storage.replace("datasets/\(digest).safetensors", with: [1])
        }
    }

    private func retention(kept: Int, versions: Set<String> = [], runs: Set<String> = []) throws -> ArtifactRetention {
        try ArtifactRetention(
            address: ArtifactAddress(namespace: "default", pipeline: "parking", version: Self.versions[6]),
            keptVersions: kept,
            protectedVersions: versions,
            run: "parking-g7",
            runCreated: "2026-11-27T00:00:00Z",
            protectedRuns: runs
        )
    }

    private func left(_ store: ArtifactStore) throws -> [String] {
        try store.versions(namespace: "default", pipeline: "parking")
    }

    @Test("the newest versions before this one, the protected ones, this one and later ones stay")
    func versions() throws {
        try ArtifactStoreTests.withRoot { root in
            let store = ArtifactStore(root: root)
            try fill(store)
            let rule = try retention(
                kept: 2,
                versions: [Self.versions[0]],
                runs: ["parking-g1", "parking-g2", "clone"]
            )
            let report = store.clean(rule, now: Int64(Date().timeIntervalSince1970))
            #expect(report.failures.isEmpty)
            #expect(try left(store) == [0, 4, 5, 6, 7].map { Self.versions[$0] })
            for version in try left(store) {
                _ = try store.load(ArtifactAddress(namespace: "default", pipeline: "parking", version: version))
            }
            #expect(store.clean(rule, now: 0) == CleanupReport())
        }
    }

    @Test("files of runs go with their objects, never those of another pipeline or of later runs")
    func runs() throws {
        try ArtifactStoreTests.withRoot { root in
            let store = ArtifactStore(root: root)
            try fill(store)
            let late = try JSONEncoder().encode(RunOwner(pipeline: "parking", created: "2026-11-28T00:00:00Z"))
            try store.writeRunFile(RunOwner.fileName, namespace: "default", run: "late", bytes: Array(late))
            try store.writeRunFile("note.txt", namespace: "default", run: "ancient", bytes: [1])
            _ = store.clean(try retention(kept: 100, runs: ["clone"]), now: 0)
            let runs = try store.storage.folders(in: "runs/default", holding: nil)
            #expect(runs == ["ancient", "clone", "late", "other-g1"])
        }
    }

    @Test("a data set stays while a run refers to it, for a day after it was written, and where a run cannot be read")
    func datasets() throws {
        try ArtifactStoreTests.withRoot { root in
            let store = ArtifactStore(root: root)
            try fill(store)
            let now = Int64(Date().timeIntervalSince1970)
            func count() throws -> Int { try store.storage.files(in: "datasets").count }
            _ = store.clean(try retention(kept: 100, runs: ["clone"]), now: now)
            #expect(try count() == 4)
            try store.writeRunFile("dataset.json", namespace: "default", run: "odd", bytes: [0])
            let report = store.clean(try retention(kept: 100, runs: ["clone"]), now: now + 90_000)
            #expect(try count() == 4 && report.failures.count == 1)
            try POSIXFileSystem().removeDirectory(root + "/runs/default/odd")
            _ = store.clean(try retention(kept: 100, runs: ["clone"]), now: now + 90_000)
            #expect(try count() == 2)
        }
    }

    @Test("a crash at any step loses nothing that stays, and the next clean-up finishes")
    func crashes() throws {
        let now = Int64(Date().timeIntervalSince1970) + 90_000
        for step in 0..<200 {
            let isDone = try ArtifactStoreTests.withRoot { root in
                let store = ArtifactStore(root: root)
                try fill(store)
                let rule = try retention(kept: 1, versions: [Self.versions[2]], runs: ["clone"])
                let files = CrashingFileSystem(dyingAt: step, keptShare: 0)
                _ = ArtifactStore(DirectoryStorage(root: root, files: files)).clean(rule, now: now)
                let kept = [2, 5, 6, 7].map { Self.versions[$0] }
                for version in kept {
                    _ = try store.load(ArtifactAddress(namespace: "default", pipeline: "parking", version: version))
                }
                let report = store.clean(rule, now: now)
                #expect(report.failures.isEmpty, "step \(step)")
                #expect(try POSIXFileSystem().list(root + "/models/default/parking") == kept, "step \(step)")
                #expect(try store.storage.files(in: "datasets").count == 2, "step \(step)")
                return !files.isDead
            }
            if isDone { return }
        }
        Issue.record("the clean-up never got to its end")
    }

    @Test("what cannot be removed is reported and keeps nothing else from going")
    func failures() throws {
        try ArtifactStoreTests.withRoot { root in
            let store = ArtifactStore(root: root)
            try fill(store)
            // A folder in a version cannot be unlinked as a file is.
            try POSIXFileSystem().makeDirectory(root + "/models/default/parking/\(Self.versions[0])/odd/folder")
            let rule = try retention(kept: 0, runs: ["parking-g1", "parking-g2", "clone"])
            let report = store.clean(rule, now: 0)
            #expect(!report.failures.isEmpty && report.failures.allSatisfy { $0.contains("odd") })
            #expect(try left(store) == [6, 7].map { Self.versions[$0] })
        }
    }
}
