// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a reconciliation that did not fail wants next.
package enum ReconcileResult: Sendable, Equatable {
    /// Nothing until something changes.
    case done
    /// Another reconciliation after that time, or sooner where something changes.
    case requeueAfter(Duration)
    /// Another reconciliation once no live work waits, or sooner where something changes: what was left undone can wait.
    case giveWay
}

/// A failure that no retry can mend: the key rests until an object changes.
package struct TerminalError: Error, Sendable, CustomStringConvertible {
    /// Why, in a sentence.
    package let reason: String

    /// Makes one.
    package init(_ reason: String) { self.reason = reason }

    package var description: String { reason }
}
