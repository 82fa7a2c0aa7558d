// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Serving

@Suite("Reading keys again and again")
struct KeyReaderTests {
    @Test("says each change once: a folder that cannot be read, another reason for it, keys, and other keys")
    func changes() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("almanac-keys-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var reader = KeyReader(folder: folder.path)
        guard case .failure(.unusableKeys)? = reader.next() else {
            Issue.record("a folder that is not there has keys")
            return
        }
        for _ in 0..<3 { #expect(reader.next() == nil) }

        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let key = folder.appendingPathComponent("web")
        try Data(count: 10_000).write(to: key)
        guard case .failure(let error)? = reader.next() else {
            Issue.record("a file of 10,000 bytes is a key")
            return
        }
        #expect(error.description.contains("'web'"))
        #expect(reader.next() == nil)

        for text in ["first", "second"] {
            try Data(text.utf8).write(to: key)
            #expect(try reader.next()?.get().owner(of: text) == "web")
            #expect(reader.next() == nil)
        }
        try FileManager.default.removeItem(at: folder)
        #expect(reader.next() != nil)
        #expect(reader.next() == nil)
    }
}
