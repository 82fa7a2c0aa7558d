// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Serving

@Suite("The keys of a service")
struct KeyRingTests {
    private func folder(_ files: [String: String]) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("almanac-keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
        return folder.path
    }

    @Test("are the contents of a folder's files, without line breaks, and without the kubelet's own files")
    func reads() throws {
        let path = try folder(["web": "first-key\n", "batch": " second ", "empty": "\n", "..data": "no"])
        defer { try? FileManager.default.removeItem(atPath: path) }
        let ring = try KeyRing(folder: path)
        #expect(ring.count == 2)
        #expect(ring.owner(of: "first-key") == "web" && ring.owner(of: "second") == "batch")
        for wrong in ["", "first-ke", "first-key2", "First-key", "no", String(repeating: "x", count: 5_000)] {
            #expect(ring.owner(of: wrong) == nil)
        }
    }

    @Test("open nothing when there are none")
    func empty() throws {
        let ring = try KeyRing([])
        #expect(ring.owner(of: "") == nil && ring.owner(of: "x") == nil)
    }

    @Test("that cannot be read are named by their file, never by their content")
    func unreadable() throws {
        let missing = #expect(throws: ServingError.self) { try KeyRing(folder: "/nowhere/keys") }
        #expect(missing?.description.contains("/nowhere/keys") == true)
        let path = try folder(["huge": String(repeating: "secret", count: 1_000)])
        defer { try? FileManager.default.removeItem(atPath: path) }
        let long = #expect(throws: ServingError.self) { try KeyRing(folder: path) }
        #expect(long?.description.contains("'huge'") == true && long?.description.contains("secret") == false)
    }
}
