// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The worker beside the tests.
enum BuiltWorker {
    /// The program; nil where it was not built.
    static let program: URL? = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let program = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("almanac-worker")
        return FileManager.default.isExecutableFile(atPath: program.path) ? program : nil
    }()
}
