// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// A condition of a built-in kind, whose reason and message may be missing.
package struct StatusCondition: Codable, Sendable, Equatable {
    /// What is stated, for instance `Available`.
    package var type: String
    /// `True`, `False` or `Unknown`.
    package var status: String
    /// One CamelCase word for why.
    package var reason: String?
    /// A sentence.
    package var message: String?
    /// When `status` last changed.
    package var lastTransitionTime: Date?

    /// Makes one from what is known of it.
    package init(
        type: String,
        status: String,
        reason: String? = nil,
        message: String? = nil,
        lastTransitionTime: Date? = nil
    ) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
        self.lastTransitionTime = lastTransitionTime
    }
}
