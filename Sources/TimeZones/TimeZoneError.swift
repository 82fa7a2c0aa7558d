// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Why there are no rules of a time zone.
package enum TimeZoneError: Error, Equatable, CustomStringConvertible {
    /// A name that is no IANA time zone; `hint` is a whole sentence that helps to find the right one.
    case unknownTimeZone(name: String, hint: String)
    /// A folder of time zones that holds none; `name` is the zone that was looked for.
    case timeZonesMissing(name: String, folder: String)
    /// A zone's file that cannot be used.
    case badZoneFile(path: String, problem: String)

    package var description: String {
        switch self {
        case .unknownTimeZone(let name, let hint):
            "time zone \(Quotation.of(name)) does not exist in the IANA database; \(hint)"
        case .timeZonesMissing(let name, let folder):
            "time zone \(Quotation.of(name)) cannot be looked up: there are no time zones in \(folder); "
                + "install the package tzdata, or let TZDIR name a folder that has them"
        case .badZoneFile(let path, let problem): "time zone file \(path) cannot be used: \(problem)"
        }
    }
}
