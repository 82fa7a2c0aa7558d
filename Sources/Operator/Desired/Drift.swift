// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

/// Tells whether an object that we keep up has to be applied again.
///
/// Applying what is there already is a write like any other to the API server, so it is compared first: the digest of
/// what was last asked for, kept in an annotation, finds fields that we no longer set; the fields themselves show
/// whether somebody else changed one.
enum Drift {
    /// The desired object with its digest in an annotation.
    static func stamped<Object: KubeObject>(_ desired: Object) throws -> Object {
        var stamped = desired
        var annotations = desired.metadata.annotations ?? [:]
        annotations[Naming.desiredDigestAnnotation] = try StableDigest.hex(of: desired)
        stamped.metadata.annotations = annotations
        return stamped
    }

    /// Whether the live object says all that the stamped one says.
    static func isUpToDate<Object: KubeObject>(_ live: Object?, with stamped: Object) throws -> Bool {
        guard let live else { return false }
        return try covers(value(of: live), value(of: stamped))
    }

    private static func value(of object: some Encodable) throws -> JSONValue {
        try KubeJSON.decoder().decode(JSONValue.self, from: KubeJSON.encoder().encode(object))
    }

    private static func covers(_ live: JSONValue?, _ desired: JSONValue, isQuantity: Bool = false) -> Bool {
        switch (live, desired) {
        case (.object(let live), .object(let desired)):
            return desired.allSatisfy { name, value in
                covers(live[name], value, isQuantity: quantities.contains(name) || isQuantity)
            }
        case (.array(let live), .array(let desired)):
            return live.count == desired.count && zip(live, desired).allSatisfy { covers($0, $1) }
        case (.string(let live), .string(let desired)):
            return live == desired || (isQuantity && isSameQuantity(live, desired))
        default:
            return live == desired
        }
    }

    /// Fields that hold quantities, in themselves or below them.
    private static let quantities: Set<String> = ["requests", "limits", "averageValue"]

    /// The server rewrites quantities: `0.5` becomes `500m`, `1024Mi` becomes `1Gi`.
    private static func isSameQuantity(_ left: String, _ right: String) -> Bool {
        guard let left = amount(left), let right = amount(right) else { return false }
        return left == right
    }

    private static func amount(_ text: String) -> Decimal? {
        let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
        if let power = binary.firstIndex(where: text.hasSuffix) {
            return Decimal(string: String(text.dropLast(2))).map { $0 * pow(1024, power + 1) }
        }
        let exponents: [Character: Int] = [
            "n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18,
        ]
        guard let last = text.last, let exponent = exponents[last] else { return Decimal(string: text) }
        guard let number = Decimal(string: String(text.dropLast())) else { return nil }
        return exponent < 0 ? number / pow(10, -exponent) : number * pow(10, exponent)
    }
}
