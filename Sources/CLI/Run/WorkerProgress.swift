// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One line of a worker's `--progress json`.
struct WorkerProgress: Codable, Sendable, Equatable {
    /// What the worker does now, in a few words.
    var message: String
    /// Rows that it has at hand, where it counts them.
    var rows: Int?

    /// The words, with the rows where they do not name them.
    var text: String {
        guard let rows, !message.contains(Grouped.text(rows)), !message.contains(String(rows)) else { return message }
        return "\(message), \(Grouped.text(rows)) rows"
    }

    /// Reads a line; nil when it is something else, for instance of a library's log.
    static func decode(_ line: String) -> WorkerProgress? {
        guard line.hasPrefix("{") else { return nil }
        return try? JSONDecoder().decode(WorkerProgress.self, from: Data(line.utf8))
    }
}
