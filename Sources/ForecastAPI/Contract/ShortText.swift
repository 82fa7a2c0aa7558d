// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

extension String {
    /// The text, or its beginning and an ellipsis where it has more than so many bytes of UTF-8.
    ///
    /// Names and messages travel in termination messages, whose limit is in bytes, and what a person takes for one character
    /// may have dozens of them.
    func shortened(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        let ellipsis = "…"
        var (kept, bytes) = (String.UnicodeScalarView(), ellipsis.utf8.count)
        for scalar in unicodeScalars {
            bytes += scalar.utf8.count
            guard bytes <= limit else { break }
            kept.append(scalar)
        }
        return String(kept) + ellipsis
    }
}
