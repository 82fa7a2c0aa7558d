// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Compares the versions of objects of one resource.
///
/// Kubernetes 1.35 made them comparable (KEP-5504): decimal numbers of any length, compared as numbers.
package enum ResourceVersion {
    /// Whether one version is older than another; nil where one of them is no decimal number.
    package static func isOlder(_ left: String, than right: String) -> Bool? {
        guard isNumber(left), isNumber(right) else { return nil }
        let (left, right) = (left.drop { $0 == "0" }, right.drop { $0 == "0" })
        return left.count == right.count ? left < right : left.count < right.count
    }

    /// Whether something that is at `version` has reached `wanted`; what cannot be compared counts as reached.
    package static func reached(_ wanted: String, at version: String?) -> Bool {
        guard let version else { return false }
        return isOlder(version, than: wanted) != true
    }

    private static func isNumber(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
