// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One thing that a worker says while it works.
struct ProgressEvent: Codable, Sendable, Equatable {
    /// The task, as in the request.
    var task: String
    /// What it does now, in a few words.
    var message: String
    /// How much of the step is done, 0 to 1.
    var fraction: Double
    /// Rows at hand, where they are counted.
    var rows: Int?
}

/// Says how far a step is, one line an event.
struct ProgressReporter: Sendable {
    /// How lines look.
    enum Format: String, Sendable, CaseIterable {
        /// For people: terminals and logs.
        case plain
        /// One JSON object a line, for programs.
        case json
        /// Nothing.
        case none
    }

    private let write: @Sendable (ProgressEvent) -> Void

    /// Hands over each event.
    init(_ write: @escaping @Sendable (ProgressEvent) -> Void) {
        self.write = write
    }

    /// Writes lines to the standard error output.
    init(_ format: Format) {
        self.init { event in
            guard let line = Self.line(event, format) else { return }
            // One write a line: lines of several threads do not mix.
            try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
        }
    }

    /// Reports an event.
    func callAsFunction(_ event: ProgressEvent) { write(event) }

    /// The line of an event; nil when there is none.
    static func line(_ event: ProgressEvent, _ format: Format) -> String? {
        switch format {
        case .none: return nil
        case .plain: return "\(event.task): \(event.message)"
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return (try? encoder.encode(event)).map { String(decoding: $0, as: UTF8.self) }
        }
    }
}
