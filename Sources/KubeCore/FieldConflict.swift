// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A field that another manager owns, as a refused apply names it.
package struct FieldConflict: Sendable, Equatable, CustomStringConvertible {
    /// The manager that owns the field.
    package var manager: String
    /// The field, for instance `.spec.replicas`.
    package var field: String

    /// Makes a conflict.
    package init(manager: String, field: String) {
        self.manager = manager
        self.field = field
    }

    package var description: String { "\(field) belongs to \(manager)" }
}

extension KubeStatus {
    /// The fields that kept an apply without force from being done; empty for other refusals.
    package var fieldConflicts: [FieldConflict] {
        (details?.causes ?? []).compactMap { cause in
            guard cause.reason == "FieldManagerConflict" else { return nil }
            // The manager is in the message only: `conflict with "kubectl" using apps/v1`.
            let parts = (cause.message ?? "").split(separator: "\"", omittingEmptySubsequences: false)
            return FieldConflict(manager: parts.count > 2 ? String(parts[1]) : "", field: cause.field ?? "")
        }
    }
}
