// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What the checks of the data found; nil where nothing was asked for.
package struct DataCheckResult: Codable, Sendable, Equatable {
    /// Whether the last row is recent enough.
    package var fresh: Finding?
    /// Whether gaps, duplicates, flat lines and values are within their limits.
    package var valid: Finding?

    /// What a check found.
    package struct Finding: Codable, Sendable, Equatable {
        /// Whether the data is as it must be.
        package var holds: Bool
        /// One CamelCase word, for instance `Fresh` or `Gap`.
        package var reason: String
        /// A sentence with the numbers, at most `maximumMessage` bytes.
        package var message: String

        /// Longer sentences are cut, for they travel in a termination message.
        package static let maximumMessage = 300

        /// Makes a finding.
        package init(holds: Bool, reason: String, message: String) {
            self.holds = holds
            self.reason = reason
            self.message = message.shortened(toBytes: Self.maximumMessage)
        }
    }

    /// Makes a result.
    package init(fresh: Finding? = nil, valid: Finding? = nil) {
        self.fresh = fresh
        self.valid = valid
    }

    /// The first check that does not hold, as a failure with its reason.
    package var objection: StepFailure? {
        if let valid, !valid.holds { return StepFailure(reason: .dataInvalid, message: valid.message) }
        if let fresh, !fresh.holds { return StepFailure(reason: .dataStale, message: fresh.message) }
        return nil
    }

    /// The findings by the type of the condition that says them.
    package var conditions: [(type: String, finding: Finding)] {
        var found: [(String, Finding)] = []
        if let fresh { found.append((ConditionType.dataFresh, fresh)) }
        if let valid { found.append((ConditionType.dataValid, valid)) }
        return found
    }
}
