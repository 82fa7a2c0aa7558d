// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation

/// Where a worker leaves its result: the file whose content Kubernetes takes as the termination message.
struct ResultFile: Sendable {
    /// Where Kubernetes looks by default.
    static let terminationLog = "/dev/termination-log"

    /// The file's path; nil for the standard output.
    let path: String?

    /// The file asked for, else the termination log where there is one, else the standard output.
    init(asked: String?) {
        path = asked ?? (FileManager.default.fileExists(atPath: Self.terminationLog) ? Self.terminationLog : nil)
    }

    /// Writes the result.
    ///
    /// Not by way of a temporary file: the termination log is a mount, which cannot be replaced.
    func write(_ result: StepResult) throws {
        let data = try result.encoded()
        guard let path else {
            try FileHandle.standardOutput.write(contentsOf: data + Data("\n".utf8))
            return
        }
        try data.write(to: URL(fileURLWithPath: path))
    }
}
