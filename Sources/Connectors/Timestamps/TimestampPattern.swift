// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A pattern for timestamps in the manner of `strptime`.
///
/// | directive | reads |
/// |---|---|
/// | `%Y` | the year, four digits |
/// | `%y` | the year, two digits: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068 |
/// | `%m`, `%d` | the month and the day, one or two digits |
/// | `%b` | the month as three English letters, in any case |
/// | `%j` | the day of the year, one to three digits |
/// | `%H` | the hour of 24, one or two digits |
/// | `%I`, `%p` | the hour of 12, one or two digits, with `AM` or `PM` in any case |
/// | `%M`, `%S` | the minute and the second, one or two digits |
/// | `%f` | a fraction of a second, digits, which must be zeros |
/// | `%z` | the offset: `Z`, `+02:00`, `+0200` or `+02` |
/// | `%%` | a per cent sign |
///
/// Every other character stands for itself.
struct TimestampPattern: Sendable, Equatable {
    private enum Piece: Equatable {
        case literal(UInt8)
        case directive(Directive)
    }

    private enum Directive: Character, CaseIterable {
        case year = "Y"
        case yearOfCentury = "y"
        case month = "m"
        case monthName = "b"
        case day = "d"
        case dayOfYear = "j"
        case hour = "H"
        case hourOfHalfDay = "I"
        case halfDay = "p"
        case minute = "M"
        case second = "S"
        case fraction = "f"
        case offset = "z"
    }

    /// What the directives of one text add up to before it is a date.
    private struct Reading {
        var time = CivilTime()
        var dayOfYear: Int?
        var isAfternoon: Bool?
    }

    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        .map { Array($0.utf8) }

    private let pieces: [Piece]

    /// Reads a pattern.
    ///
    /// Throws `ConnectorError.badSpecification` when it does not make one date and time.
    init(_ pattern: String) throws(ConnectorError) {
        var pieces: [Piece] = []
        var rest = pattern[...]
        while let character = rest.popFirst() {
            guard character == "%" else {
                pieces += character.utf8.map(Piece.literal)
                continue
            }
            let letter = rest.popFirst()
            if letter == "%" {
                pieces.append(.literal(UInt8(ascii: "%")))
            } else if let letter, let directive = Directive(rawValue: letter) {
                pieces.append(.directive(directive))
            } else {
                let known = Directive.allCases.map { "%\($0.rawValue)" }.joined(separator: " ")
                let written = letter.map { "'%\($0)' is not known" } ?? "'%' at the end means nothing"
                throw Self.invalid(pattern, "\(written); there are \(known) %%")
            }
        }
        self.pieces = pieces
        try validate(pattern)
    }

    private func validate(_ pattern: String) throws(ConnectorError) {
        var used: Set<Directive> = []
        for case .directive(let directive) in pieces where !used.insert(directive).inserted {
            throw Self.invalid(pattern, "'%\(directive.rawValue)' occurs twice")
        }
        func has(_ directive: Directive) -> Bool { used.contains(directive) }
        if has(.year) == has(.yearOfCentury) { throw Self.invalid(pattern, "it needs one of %Y and %y") }
        if has(.month) && has(.monthName) { throw Self.invalid(pattern, "it has both %m and %b") }
        let hasMonth = has(.month) || has(.monthName)
        if has(.dayOfYear) ? hasMonth || has(.day) : !(hasMonth && has(.day)) {
            throw Self.invalid(pattern, "it needs %d with %m or %b, or else %j alone")
        }
        if has(.hour) && has(.hourOfHalfDay) { throw Self.invalid(pattern, "it has both %H and %I") }
        if has(.hourOfHalfDay) != has(.halfDay) { throw Self.invalid(pattern, "%I and %p need each other") }
        if has(.minute) && !has(.hour) && !has(.hourOfHalfDay) { throw Self.invalid(pattern, "%M needs an hour") }
        if has(.second) && !has(.minute) { throw Self.invalid(pattern, "%S needs %M") }
        if has(.fraction) && !has(.second) { throw Self.invalid(pattern, "%f needs %S") }
    }

    private static func invalid(_ pattern: String, _ problem: String) -> ConnectorError {
        .badSpecification(field: "timestampFormat", problem: "the pattern '\(pattern)' cannot be used: \(problem)")
    }

    /// Reads the whole text.
    func parse(_ text: UnsafeRawBufferPointer) throws(TimestampProblem) -> CivilTime {
        var cursor = ByteCursor(text)
        var reading = Reading()
        for piece in pieces {
            switch piece {
            case .literal(let byte):
                guard cursor.skip(byte) else { throw .malformed }
            case .directive(let directive):
                try read(directive, from: &cursor, into: &reading)
            }
        }
        guard cursor.isAtEnd else { throw .malformed }
        return try assemble(reading)
    }

    private func read(
        _ directive: Directive,
        from cursor: inout ByteCursor,
        into reading: inout Reading
    ) throws(TimestampProblem) {
        switch directive {
        case .year: reading.time.year = try require(cursor.number(atLeast: 4, atMost: 4))
        case .yearOfCentury:
            let year = try require(cursor.number(atLeast: 2, atMost: 2))
            reading.time.year = year < 69 ? 2000 + year : 1900 + year
        case .month: reading.time.month = try require(cursor.number(atLeast: 1, atMost: 2))
        case .monthName:
            let letters = try require(cursor.threeLetters())
            reading.time.month = try require(Self.months.firstIndex(of: letters)) + 1
        case .day: reading.time.day = try require(cursor.number(atLeast: 1, atMost: 2))
        case .dayOfYear: reading.dayOfYear = try require(cursor.number(atLeast: 1, atMost: 3))
        case .hour: reading.time.hour = try require(cursor.number(atLeast: 1, atMost: 2))
        case .hourOfHalfDay:
            reading.time.hour = try require(cursor.number(atLeast: 1, atMost: 2))
            guard (1...12).contains(reading.time.hour) else { throw .noSuchTime }
        case .halfDay: reading.isAfternoon = try readHalfDay(&cursor)
        case .minute: reading.time.minute = try require(cursor.number(atLeast: 1, atMost: 2))
        case .second: reading.time.second = try require(cursor.number(atLeast: 1, atMost: 2))
        case .fraction:
            guard try require(cursor.zeros()) else { throw .fractionOfSecond }
        case .offset: reading.time.offset = try cursor.offset()
        }
    }

    private func readHalfDay(_ cursor: inout ByteCursor) throws(TimestampProblem) -> Bool {
        let isAfternoon = cursor.next?.lowercasedASCII == UInt8(ascii: "p")
        guard let first = cursor.next, isAfternoon || first.lowercasedASCII == UInt8(ascii: "a"), cursor.skip(first),
            let second = cursor.next, second.lowercasedASCII == UInt8(ascii: "m"), cursor.skip(second)
        else { throw .malformed }
        return isAfternoon
    }

    private func require<Value>(_ value: Value?) throws(TimestampProblem) -> Value {
        guard let value else { throw .malformed }
        return value
    }

    private func assemble(_ reading: Reading) throws(TimestampProblem) -> CivilTime {
        var time = reading.time
        if let isAfternoon = reading.isAfternoon { time.hour = time.hour % 12 + (isAfternoon ? 12 : 0) }
        guard var day = reading.dayOfYear else { return time }
        guard day >= 1, day <= (CivilTime.isLeap(time.year) ? 366 : 365) else { throw .noSuchDate }
        var month = 1
        while day > CivilTime.days(in: month, of: time.year) {
            day -= CivilTime.days(in: month, of: time.year)
            month += 1
        }
        (time.month, time.day) = (month, day)
        return time
    }
}
