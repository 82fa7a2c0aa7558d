// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Texts of others in messages.
package enum Quotation {
    /// The text in quotation marks, cut where it is long and without control characters: it comes from outside.
    package static func of(_ text: String) -> String {
        let limit = 60
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(limit) {
            let category = scalar.properties.generalCategory
            let isPrintable = category != .control && category != .format && category != .lineSeparator
            result.append(isPrintable ? scalar : "?")
        }
        return "\"\(String(result))\(text.unicodeScalars.count > limit ? "…" : "")\""
    }
}
