// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Writes the Prometheus text format, version 0.0.4.
struct TextFormat {
    private(set) var text = ""

    /// Writes the two comment lines of a family.
    mutating func header(name: String, help: String, type: String) {
        text += "# HELP \(name) \(Self.escapeHelp(help))\n# TYPE \(name) \(type)\n"
    }

    /// Writes one sample.
    mutating func line(name: String, labels: [(name: String, value: String)], sample: MetricSample) {
        text += name + sample.suffix
        var pairs = labels.map { "\($0.name)=\"\(Self.escapeLabel($0.value))\"" }
        if let bucket = sample.bucket { pairs.append("le=\"\(bucket)\"") }
        if !pairs.isEmpty { text += "{" + pairs.joined(separator: ",") + "}" }
        text += " \(Self.number(sample.value))\n"
    }

    /// A number as Prometheus reads it: whole ones without a fraction, infinities with a sign.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return String(whole) }
        return String(value)
    }

    /// Help texts escape the backslash and the line feed.
    static func escapeHelp(_ text: String) -> String { escape(text, quotes: false) }

    /// Label values escape the double quote as well.
    static func escapeLabel(_ text: String) -> String { escape(text, quotes: true) }

    /// Works on scalars: as characters, a carriage return and a line feed are one, and the line feed would pass.
    private static func escape(_ text: String, quotes: Bool) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
            case "\"" where quotes: escaped.append(contentsOf: "\\\"".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
