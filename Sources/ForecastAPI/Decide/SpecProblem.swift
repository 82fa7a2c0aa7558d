// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// One contradiction in a specification.
package struct SpecProblem: Sendable, Equatable, CustomStringConvertible {
    /// Path of the field, for instance `spec.model.horizon`.
    package var field: String
    /// What must be so.
    package var message: String

    /// Makes a problem.
    package init(field: String, message: String) {
        self.field = field
        self.message = message
    }

    package var description: String { "\(field): \(message)" }
}
