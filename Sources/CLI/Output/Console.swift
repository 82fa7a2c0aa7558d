// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The terminal, or whatever stands in its place.
struct Console: Sendable {
    /// Whether lines can be redrawn in place.
    let isTerminal: Bool
    /// Characters across.
    let width: Int
    /// Colours for the standard output.
    let style: TerminalStyle
    /// Writes a text as it is.
    let write: @Sendable (String) -> Void
    /// Writes a text beside the results: progress and faults.
    let writeError: @Sendable (String) -> Void

    /// The console of this process.
    static func standard(environment: [String: String] = ProcessInfo.processInfo.environment) -> Console {
        let colours =
            isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty
            && environment["TERM"] != "dumb"
        return Console(
            isTerminal: isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb",
            width: terminalWidth ?? environment["COLUMNS"].flatMap { Int($0) } ?? 80,
            style: TerminalStyle(isColoured: colours),
            write: { try? FileHandle.standardOutput.write(contentsOf: Data($0.utf8)) },
            writeError: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) }
        )
    }

    private static var terminalWidth: Int? {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
