// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The last lines that a process wrote, for the message of its failure.
final class LastLines: Sendable {
    private static let kept = 3
    private let lines = Mutex<[String]>([])

    /// Notes a line; older ones go.
    func add(_ line: String) {
        lines.withLock { lines in
            lines.append(String(line.prefix(400)))
            lines = lines.suffix(Self.kept)
        }
    }

    /// The lines as one text.
    var text: String { lines.withLock { $0.joined(separator: " | ") } }
}
