// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeCore

/// The time of a history's last row, as requests write it: RFC 3339, or whole seconds since 1970.
enum HistoryEnd {
    /// The name of the field in V1 and of the tensor in V2.
    static let name = "end"

    /// Reads a text or a number.
    static func scan(_ field: String, _ scanner: inout JSONScanner) throws(ServingError) -> Int64 {
        if scanner.peek() == UInt8(ascii: "\"") { return try seconds(scanner.string(field), field) }
        return try seconds(scanner.number(field), field)
    }

    /// Reads the time of a row of a table, which may also be without its zone and is then in UTC, as in files of data.
    static func scanOfRow(_ field: String, _ scanner: inout JSONScanner) throws(ServingError) -> Int64 {
        guard scanner.peek() == UInt8(ascii: "\"") else { return try seconds(scanner.number(field), field) }
        let text = try scanner.string(field)
        switch text.utf8.count {
        case 10: return try seconds("\(text)T00:00:00Z", field)
        case 19: return try seconds("\(text.prefix(10))T\(text.suffix(8))Z", field)
        default: return try seconds(text, field)
        }
    }

    /// The instant of a text such as `2026-11-21T03:00:00Z`.
    static func seconds(_ text: String, _ field: String) throws(ServingError) -> Int64 {
        guard let time = KubeTime.parse(text), let seconds = Int64(exactly: time.timeIntervalSince1970) else {
            throw .invalidBody(
                field: field,
                problem:
                    "is '\(text.prefix(40))'; must be a time with its zone, such as 2026-11-21T03:00:00Z, or whole "
                    + "seconds since 1970"
            )
        }
        return seconds
    }

    /// The instant of a number of seconds since 1970.
    static func seconds(_ number: Double, _ field: String) throws(ServingError) -> Int64 {
        guard let seconds = Int64(exactly: number) else {
            throw .invalidBody(field: field, problem: "is \(number); must be whole seconds since 1970")
        }
        return seconds
    }
}
