// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeCore

/// JSON as it is written in Swift, for documents that are made of little but names and texts.
///
/// A wrapper, so that no other module sees `JSONValue` with literals: there, a text that becomes JSON by itself would hide
/// mistakes.
struct JSONLiteral: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByNilLiteral
{
    /// The value that was written.
    let value: JSONValue

    init(_ value: JSONValue) { self.value = value }
    init(stringLiteral text: String) { value = .string(text) }
    init(integerLiteral number: Int) { value = .int(Int64(number)) }
    init(floatLiteral number: Double) { value = .double(number) }
    init(booleanLiteral flag: Bool) { value = .bool(flag) }
    init(nilLiteral: ()) { value = .null }
    init(arrayLiteral elements: JSONLiteral...) { self.init(elements) }
    init(dictionaryLiteral members: (String, JSONLiteral)...) {
        value = .object(Dictionary(members.map { ($0, $1.value) }) { _, last in last })
    }

    init(_ text: String) { value = .string(text) }
    init(_ number: Int) { value = .int(Int64(number)) }
    init(_ number: Double) { value = .double(number) }
    init(_ elements: [JSONLiteral]) { value = .array(elements.map(\.value)) }
    init(_ members: [String: JSONLiteral]) { value = .object(members.mapValues(\.value)) }
}
