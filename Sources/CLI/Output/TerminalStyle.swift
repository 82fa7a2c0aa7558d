// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Colours of a terminal, or none.
struct TerminalStyle: Equatable, Sendable {
    /// Whether escape sequences are written.
    let isColoured: Bool

    /// No escape sequences.
    static let plain = TerminalStyle(isColoured: false)

    func bold(_ text: String) -> String { wrap(text, "1") }
    func faint(_ text: String) -> String { wrap(text, "2") }
    func good(_ text: String) -> String { wrap(text, "32") }
    func bad(_ text: String) -> String { wrap(text, "31") }
    func history(_ text: String) -> String { wrap(text, "36") }
    func forecast(_ text: String) -> String { wrap(text, "33") }

    private func wrap(_ text: String, _ code: String) -> String {
        isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
