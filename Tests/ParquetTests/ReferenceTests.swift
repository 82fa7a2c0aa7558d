// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Parquet

@Suite("Parquet beside pyarrow")
struct ReferenceTests {
    @Test("files of all types, encodings, codecs, null patterns, pages and row groups are read exactly")
    func generated() async throws {
        guard Reference.python != nil else { return }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("parquet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        _ = try Reference.script(["write", folder.path])
        try await check(folder, threads: 2, atLeast: 240)
    }

    @Test("the few files that are kept here are read exactly, nested columns beside flat ones too")
    func samples() async throws {
        try await check(Reference.folder, threads: 1, atLeast: 4)
    }

    private func check(_ folder: URL, threads: Int, atLeast: Int) async throws {
        let reference = try Reference(folder: folder)
        #expect(reference.files.count >= atLeast)
        for (file, table) in reference.files.sorted(by: { $0.key < $1.key }) {
            let expected = try #require(reference.tables[table])
            let path = folder.appendingPathComponent(file).path
            let differences = try await Reference.differences(path, expected, threads: threads)
            #expect(differences.isEmpty, "\(file): \(differences.prefix(5))")
        }
    }
}
