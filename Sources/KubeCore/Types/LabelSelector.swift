// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Selects objects by their labels; all parts must match.
package struct LabelSelector: Codable, Sendable, Equatable {
    /// Labels and the values that they must have.
    package var matchLabels: [String: String]?
    /// Rules about labels.
    package var matchExpressions: [LabelSelectorRequirement]?

    /// Makes one from what is known of it.
    package init(matchLabels: [String: String]? = nil, matchExpressions: [LabelSelectorRequirement]? = nil) {
        self.matchLabels = matchLabels
        self.matchExpressions = matchExpressions
    }
}

/// A rule about one label.
package struct LabelSelectorRequirement: Codable, Sendable, Equatable {
    /// The label.
    package var key: String
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    package var `operator`: String
    /// The values for `In` and `NotIn`.
    package var values: [String]?

    /// Makes one from what is known of it.
    package init(key: String, `operator`: String, values: [String]? = nil) {
        self.key = key
        self.operator = `operator`
        self.values = values
    }
}

extension LabelSelector {
    /// The selector as the `labelSelector` of a list or watch wants it, for instance `a=b,c in (d,e),!f`.
    package var query: String {
        let labels = (matchLabels ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let expressions = (matchExpressions ?? []).map { requirement in
            let values = (requirement.values ?? []).joined(separator: ",")
            switch requirement.operator {
            case "Exists": return requirement.key
            case "DoesNotExist": return "!\(requirement.key)"
            case "NotIn": return "\(requirement.key) notin (\(values))"
            default: return "\(requirement.key) in (\(values))"
            }
        }
        return (labels + expressions).joined(separator: ",")
    }
}
