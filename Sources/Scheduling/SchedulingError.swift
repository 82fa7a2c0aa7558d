// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Why a schedule is refused. Every text says which part is wrong and what is allowed instead.
package enum SchedulingError: Error, Equatable, CustomStringConvertible {
    /// A schedule without a cron expression, or with more than `Schedule.maximumCrons`.
    case cronCount(Int)
    /// An expression that is not five fields, for instance one with seconds.
    case fieldCount(expression: String, count: Int)
    /// A part of one field; `allowed` is a whole sentence about what the field takes.
    case badField(field: CronField, text: String, problem: String, allowed: String)
    /// `@every`, `@reboot` or an unknown `@` name.
    case unsupportedMacro(String)
    /// `TZ=` or `CRON_TZ=` inside the expression.
    case zoneInExpression(String)
    /// Five good fields that no date fits, such as February 30.
    case neverOccurs(expression: String)
    /// A name that is no IANA time zone; `hint` is a whole sentence that helps to find the right one.
    case unknownTimeZone(name: String, hint: String)
    /// A folder of time zones that holds none; `name` is the zone that was looked for.
    case timeZonesMissing(name: String, folder: String)
    /// A zone's file that cannot be used.
    case badZoneFile(path: String, problem: String)
    /// A starting deadline below one second.
    case badStartingDeadline(Int)

    package var description: String {
        switch self {
        case .cronCount(let count):
            "a schedule has 1 to \(Schedule.maximumCrons) cron expressions; this one has \(count)"
        case .fieldCount(let expression, let count):
            "cron \(Self.quoted(expression)) has \(count) \(count == 1 ? "field" : "fields"); it must have 5: "
                + "minute, hour, day of month, month, day of week"
                + (count == 6 || count == 7 ? " (seconds and years are not supported)" : "")
        case .badField(let field, let text, let problem, let allowed):
            "cron field \(field.name): \(Self.quoted(text)) \(problem); \(allowed)"
        case .unsupportedMacro(let text): Self.macroText(text)
        case .zoneInExpression(let text):
            "cron \(Self.quoted(text)) names a time zone; write the zone into timeZone and leave TZ= out"
        case .neverOccurs(let expression):
            "cron \(Self.quoted(expression)) never comes: none of its months has such a day of month"
        case .unknownTimeZone(let name, let hint):
            "time zone \(Self.quoted(name)) does not exist in the IANA database; \(hint)"
        case .timeZonesMissing(let name, let folder):
            "time zone \(Self.quoted(name)) cannot be looked up: there are no time zones in \(folder); "
                + "install the package tzdata, or let TZDIR name a folder that has them"
        case .badZoneFile(let path, let problem): "time zone file \(path) cannot be used: \(problem)"
        case .badStartingDeadline(let seconds):
            "startingDeadlineSeconds is \(seconds); it must be 1 or more"
        }
    }

    private static func macroText(_ text: String) -> String {
        let known = CronMacro.allCases.map(\.rawValue).joined(separator: ", ")
        return switch CronParser.words(in: text).first?.lowercased() {
        case "@every":
            "cron \(quoted(text)): @every has no fixed instants to run at; write for instance */5 * * * * "
                + "for every 5 minutes"
        case "@reboot": "cron \(quoted(text)): @reboot has no meaning for a schedule; allowed are \(known)"
        default: "cron \(quoted(text)) is not known; allowed are \(known), or five fields"
        }
    }

    /// The text in quotation marks, cut where it is long and without control characters: it comes from outside.
    static func quoted(_ text: String) -> String {
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
