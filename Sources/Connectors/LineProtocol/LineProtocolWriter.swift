// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Writes points in InfluxDB's line protocol, with times in seconds.
///
/// Escaping follows "Line protocol reference" of InfluxDB 1 and 2: commas and spaces in measurements, and equals signs too
/// in keys and tag values, get a backslash. A backslash stands for itself, except that at the end of a name or value it
/// would swallow the next separator and a line break would end the point; both cannot be written at all, so a backslash
/// there is followed by an underscore and each control character becomes a space.
package struct LineProtocolWriter: Sendable {
    /// The text so far, one point a line.
    package private(set) var bytes: [UInt8] = []
    /// The number of points so far.
    package private(set) var count = 0

    /// The measurement and tags of the last point, as text: a forecast has the same ones again and again.
    private var lastSeries: (measurement: String, tags: [String: String], text: [UInt8])?

    /// Begins a text.
    package init() {}

    /// Appends a point; keys are sorted, which is the order that InfluxDB indexes fastest.
    ///
    /// Throws `ConnectorError.writeRefused` for a point that InfluxDB could not take: without a measurement or field, or
    /// with a number that is not finite. `url` is the server's, for the message.
    package mutating func append(_ point: LinePoint, url: String) throws(ConnectorError) {
        let fields = point.fields.filter { !$0.key.isEmpty }.sorted { $0.key < $1.key }
        // A line that begins with '#' is a comment, which nothing can escape.
        guard let first = point.measurement.utf8.first, first != UInt8(ascii: "#"), !fields.isEmpty else {
            throw .writeRefused(
                url: url,
                reason: "a point needs a field and a measurement that does not begin with '#'"
            )
        }
        if lastSeries?.measurement != point.measurement || lastSeries?.tags != point.tags {
            lastSeries = (point.measurement, point.tags, Self.series(point))
        }
        var line = lastSeries?.text ?? []
        for (position, field) in fields.enumerated() {
            line.append(position == 0 ? ASCII.space : ASCII.comma)
            Self.append(field.key, escaping: ",= ", to: &line)
            line.append(UInt8(ascii: "="))
            switch field.value {
            case .integer(let number): line.append(contentsOf: "\(number)i".utf8)
            case .double(let number):
                guard number.isFinite else {
                    let problem = "the field '\(field.key)' at \(point.time) s is \(number), which is no number"
                    throw .writeRefused(url: url, reason: problem)
                }
                line.append(contentsOf: "\(number)".utf8)
            }
        }
        line.append(ASCII.space)
        line.append(contentsOf: "\(point.time)\n".utf8)
        bytes.append(contentsOf: line)
        count += 1
    }

    /// A point's measurement and tags.
    private static func series(_ point: LinePoint) -> [UInt8] {
        var text: [UInt8] = []
        append(point.measurement, escaping: ", ", to: &text)
        for (key, value) in point.tags.sorted(by: { $0.key < $1.key }) where !key.isEmpty && !value.isEmpty {
            text.append(ASCII.comma)
            append(key, escaping: ",= ", to: &text)
            text.append(UInt8(ascii: "="))
            append(value, escaping: ",= ", to: &text)
        }
        return text
    }

    private static func append(_ text: String, escaping special: StaticString, to line: inout [UInt8]) {
        special.withUTF8Buffer { special in
            for original in text.utf8 {
                let byte = original < ASCII.space || original == 0x7F ? ASCII.space : original
                if special.contains(byte) { line.append(UInt8(ascii: "\\")) }
                line.append(byte)
            }
        }
        if line.last == UInt8(ascii: "\\") { line.append(UInt8(ascii: "_")) }
    }
}
