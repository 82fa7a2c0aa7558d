// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Fuzzing
import Testing

@Suite("What a fuzzer found")
struct FuzzCaseTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Fuzzing/Cases").standardizedFileURL

    private func cases(of target: FuzzTarget) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(
            at: Self.folder.appending(path: target.rawValue),
            includingPropertiesForKeys: nil
        ).filter { !$0.lastPathComponent.hasPrefix(".") }.sorted { $0.path < $1.path }
    }

    @Test(
        "no input that a fuzzer starts from or ever found traps, and what has to hold holds",
        arguments: FuzzTarget.allCases
    )
    func holds(target: FuzzTarget) throws {
        let cases = try cases(of: target)
        #expect(!cases.isEmpty)
        for file in cases {
            #expect(target.holds(for: try Data(contentsOf: file)), "\(file.lastPathComponent)")
        }
    }
}
