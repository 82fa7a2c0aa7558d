// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Reads a TZif file, the compiled form of a zone of the IANA database: RFC 9636, versions 1 to 4, with all changes of
/// the past and the future in it ("fat") or with a rule for those to come ("slim").
struct ZoneFile {
    /// The most that a file may hold; those of the database have a few kilobytes.
    static let sizeLimit = 1 << 20
    /// The offsets that RFC 9636 allows.
    static let offsets = -89_999...93_599

    private let path: String
    private var rest: ArraySlice<UInt8>

    /// The rules that are in a file's bytes.
    ///
    /// - Parameter path: where the bytes are from, for the error.
    /// - Throws: `TimeZoneError.badZoneFile`.
    static func rules(in bytes: [UInt8], path: String) throws(TimeZoneError) -> ZoneRules {
        var file = ZoneFile(path: path, rest: bytes[...])
        return try file.rules()
    }

    private struct Header {
        var version: UInt8
        var utcMarks, standardMarks, leapSeconds, changes, kinds, letters: Int

        /// The size in bytes of what follows, up to the next header or the footer.
        func size(timeWidth: Int) -> Int {
            changes * (timeWidth + 1) + kinds * 6 + letters + leapSeconds * (timeWidth + 4) + standardMarks + utcMarks
        }
    }

    private mutating func rules() throws(TimeZoneError) -> ZoneRules {
        var header = try header()
        guard header.version != 0 else { return try rules(header, timeWidth: 4) }
        // The first part is for readers that know only 32 bits; the whole follows.
        _ = try take(header.size(timeWidth: 4))
        header = try self.header()
        var rules = try rules(header, timeWidth: 8)
        guard try take(1).first == 0x0A, let end = rest.firstIndex(of: 0x0A) else { throw bad("it has no end") }
        let footer = rest[..<end]
        if !footer.isEmpty {
            guard let recurring = RecurringRuleParser.parse(footer) else {
                throw bad(
                    "the rule at its end, \(Quotation.of(String(decoding: footer, as: UTF8.self))), is none"
                )
            }
            rules.recurring = recurring
        }
        return rules
    }

    private mutating func header() throws(TimeZoneError) -> Header {
        guard rest.count >= 44, try take(4).elementsEqual("TZif".utf8) else { throw bad("it is no TZif file") }
        let version = try number(width: 1)
        _ = try take(15)
        var counts: [Int] = []
        for _ in 0..<6 { counts.append(try number(width: 4) & 0xFFFF_FFFF) }
        return Header(
            version: UInt8(truncatingIfNeeded: version),
            utcMarks: counts[0],
            standardMarks: counts[1],
            leapSeconds: counts[2],
            changes: counts[3],
            kinds: counts[4],
            letters: counts[5]
        )
    }

    /// Reads the part that belongs to a header.
    private mutating func rules(_ header: Header, timeWidth: Int) throws(TimeZoneError) -> ZoneRules {
        guard header.leapSeconds == 0 else { throw bad("it counts leap seconds, which no zone of ours does") }
        guard header.size(timeWidth: timeWidth) <= rest.count else { throw bad("it is cut off") }
        var times: [Int] = []
        for _ in 0..<header.changes { times.append(try number(width: timeWidth)) }
        guard zip(times, times.dropFirst()).allSatisfy(<) else { throw bad("its changes are not in the order of time") }
        let kinds = try take(header.changes).map(Int.init)
        var offsets: [Int] = []
        for _ in 0..<header.kinds {
            let offset = try number(width: 4)
            guard Self.offsets.contains(offset) else { throw bad("\(offset) s is no offset from UTC") }
            offsets.append(offset)
            _ = try take(2)
        }
        _ = try take(header.letters + header.standardMarks + header.utcMarks)
        guard let initial = offsets.first, kinds.allSatisfy(offsets.indices.contains) else {
            throw bad("it has changes to an offset that is not there")
        }
        return Self.rules(times, kinds.map { offsets[$0] }, initial: initial)
    }

    /// Leaves out changes of nothing but names, and those beyond all times that are looked at.
    private static func rules(_ times: [Int], _ offsets: [Int], initial: Int) -> ZoneRules {
        var rules = ZoneRules(initialOffset: initial)
        for (time, offset) in zip(times, offsets) where time < ZoneRules.never {
            rules.recurringStart = max(time, -ZoneRules.never)
            if time <= -ZoneRules.never {
                rules.initialOffset = offset
            } else if offset != rules.changes.last?.offset ?? rules.initialOffset {
                rules.changes.append(ZoneRules.Change(instant: time, offset: offset))
            }
        }
        return rules
    }

    /// A number with sign, its highest byte first.
    private mutating func number(width: Int) throws(TimeZoneError) -> Int {
        let bytes = try take(width)
        let bits = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let unused = 64 - width * 8
        return Int(Int64(bitPattern: bits << unused) >> unused)
    }

    private mutating func take(_ count: Int) throws(TimeZoneError) -> ArraySlice<UInt8> {
        guard rest.count >= count else { throw bad("it is cut off") }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private func bad(_ problem: String) -> TimeZoneError { .badZoneFile(path: path, problem: problem) }
}
