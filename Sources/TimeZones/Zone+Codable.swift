// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// A zone can be kept with what depends on it, so that another release of the database changes nothing there.
extension Zone: Codable {
    private enum CodingKeys: String, CodingKey {
        case name, initialOffset, changes, rule, ruleStart
    }

    /// The most changes that are read; zones of the database have up to some hundred.
    private static let mostChanges = 10_000

    /// The same zone, told by as few changes as possible: those that its rule gives are left out.
    package var condensed: Zone { Zone(name: name, rules: rules.condensed) }

    /// Whether its clock is, and was at all times, that of UTC.
    package var isUTC: Bool { rules.condensed.isUTC }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func bad(_ key: CodingKeys, _ problem: String) -> DecodingError {
            .dataCorruptedError(forKey: key, in: container, debugDescription: problem)
        }
        let name = try container.decode(String.self, forKey: .name)
        guard ZoneName.isValid(name) else { throw bad(.name, "\(Quotation.of(name)) is no name of a time zone") }
        var rules = ZoneRules(initialOffset: try container.decode(Int.self, forKey: .initialOffset))
        guard let changes = Self.changes(try container.decode(String.self, forKey: .changes)) else {
            throw bad(.changes, "the changes are not pairs of an instant and an offset")
        }
        rules.changes = changes
        if let text = try container.decodeIfPresent(String.self, forKey: .rule) {
            guard let rule = RecurringRuleParser.parse(Array(text.utf8)[...]) else {
                throw bad(.rule, "\(Quotation.of(text)) is no rule")
            }
            rules.recurring = rule
            rules.recurringStart = try container.decode(Int.self, forKey: .ruleStart)
        }
        guard rules.isOrdered else { throw bad(.changes, "the changes are not in the order of time, or of no zone") }
        self.init(name: name, rules: rules)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(rules.initialOffset, forKey: .initialOffset)
        let changes = rules.changes.map { "\($0.instant):\($0.offset)" }.joined(separator: " ")
        try container.encode(changes, forKey: .changes)
        guard let rule = rules.recurring else { return }
        try container.encode(rule.description, forKey: .rule)
        try container.encode(rules.recurringStart, forKey: .ruleStart)
    }

    private static func changes(_ text: String) -> [ZoneRules.Change]? {
        let pairs = text.split(separator: " ", maxSplits: mostChanges)
        guard pairs.count <= mostChanges else { return nil }
        var changes: [ZoneRules.Change] = []
        for pair in pairs {
            let numbers = pair.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map { Int($0) }
            guard numbers.count == 2, let instant = numbers[0], let offset = numbers[1] else { return nil }
            changes.append(ZoneRules.Change(instant: instant, offset: offset))
        }
        return changes
    }
}

extension ZoneRules {
    /// Whether the clock is UTC's at all times.
    fileprivate var isUTC: Bool {
        initialOffset == 0 && changes.isEmpty && (recurring ?? RecurringRule(standardOffset: 0)).isUTC
    }

    /// Whether offsets are those that a zone may have, and changes follow one another and change something.
    fileprivate var isOrdered: Bool {
        let offsets = [initialOffset] + changes.map(\.offset)
        let instants = changes.map(\.instant)
        let end = recurring == nil ? Self.never - 1 : recurringStart
        return offsets.allSatisfy(ZoneFile.offsets.contains)
            && zip(offsets, offsets.dropFirst()).allSatisfy { $0 != $1 }
            && zip(instants, instants.dropFirst()).allSatisfy(<)
            && (instants.first ?? end) >= -Self.never && (instants.last ?? -Self.never) <= end
            && (-Self.never..<Self.never).contains(end)
    }

    /// The same rules without the last changes that the recurring rule tells as well.
    fileprivate var condensed: ZoneRules {
        var rules = self
        guard let recurring else {
            rules.recurringStart = -Self.never
            return rules
        }
        guard let last = changes.last, agrees(recurring, from: last, to: recurringStart) else { return rules }
        rules.recurringStart = last.instant
        while let last = rules.changes.last, let earlier = rules.changes.dropLast().last,
            agrees(recurring, from: earlier, to: last.instant)
        {
            rules.changes.removeLast()
            rules.recurringStart = earlier.instant
        }
        return rules
    }

    /// Whether a rule gives a change's offset from that change up to an instant.
    private func agrees(_ recurring: RecurringRule, from change: Change, to end: Int) -> Bool {
        recurring.offset(at: change.instant) == change.offset
            && (recurring.change(after: change.instant) ?? Self.never) >= end
    }
}

extension RecurringRule: CustomStringConvertible {
    /// The rule as `RecurringRuleParser` reads it, for instance `STD-1DST-2,M3.5.0/2,M10.5.0/3`.
    var description: String {
        let standard = "STD" + YearlyDate.time(-standardOffset)
        guard let daylight else { return standard }
        return "\(standard)DST\(YearlyDate.time(-daylight.offset)),\(daylight.start),\(daylight.end)"
    }

    fileprivate var isUTC: Bool { standardOffset == 0 && daylight == nil }
}

extension YearlyDate: CustomStringConvertible {
    /// As in `M3.5.0/2`.
    var description: String {
        let date =
            switch day {
            case .ofCommonYear(let day): "J\(day)"
            case .ofYear(let day): "\(day)"
            case .ofMonth(let month, let week, let weekday): "M\(month).\(week).\(weekday)"
            }
        return "\(date)/\(Self.time(time))"
    }

    /// As in `-3:30`, with as many parts as it needs.
    fileprivate static func time(_ seconds: Int) -> String {
        let size = abs(seconds)
        var text = "\(seconds < 0 ? "-" : "")\(size / 3_600)"
        if size % 3_600 != 0 { text += ":\(size / 60 % 60)" }
        if size % 60 != 0 { text += ":\(size % 60)" }
        return text
    }
}
