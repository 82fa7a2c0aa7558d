// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation

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

    private let write: @Sendable (StepProgress) -> Void

    /// Hands over each event.
    init(_ write: @escaping @Sendable (StepProgress) -> Void) {
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
    func callAsFunction(_ event: StepProgress) { write(event) }

    /// The line of an event; nil when there is none.
    static func line(_ event: StepProgress, _ format: Format) -> String? {
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
