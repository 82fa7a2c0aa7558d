// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TimeZones

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
    /// A starting deadline below one second.
    case badStartingDeadline(Int)

    package var description: String {
        switch self {
        case .cronCount(let count):
            "a schedule has 1 to \(Schedule.maximumCrons) cron expressions; this one has \(count)"
        case .fieldCount(let expression, let count):
            "cron \(Quotation.of(expression)) has \(count) \(count == 1 ? "field" : "fields"); it must have 5: "
                + "minute, hour, day of month, month, day of week"
                + (count == 6 || count == 7 ? " (seconds and years are not supported)" : "")
        case .badField(let field, let text, let problem, let allowed):
            "cron field \(field.name): \(Quotation.of(text)) \(problem); \(allowed)"
        case .unsupportedMacro(let text): Self.macroText(text)
        case .zoneInExpression(let text):
            "cron \(Quotation.of(text)) names a time zone; write the zone into timeZone and leave TZ= out"
        case .neverOccurs(let expression):
            "cron \(Quotation.of(expression)) never comes: none of its months has such a day of month"
        case .badStartingDeadline(let seconds):
            "startingDeadlineSeconds is \(seconds); it must be 1 or more"
        }
    }

    private static func macroText(_ text: String) -> String {
        let known = CronMacro.allCases.map(\.rawValue).joined(separator: ", ")
        return switch CronParser.words(in: text).first?.lowercased() {
        case "@every":
            "cron \(Quotation.of(text)): @every has no fixed instants to run at; write for instance */5 * * * * "
                + "for every 5 minutes"
        case "@reboot": "cron \(Quotation.of(text)): @reboot has no meaning for a schedule; allowed are \(known)"
        default: "cron \(Quotation.of(text)) is not known; allowed are \(known), or five fields"
        }
    }
}
