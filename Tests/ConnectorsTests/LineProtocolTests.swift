// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestServers
import TestSupport
import Testing

@testable import Connectors

@Suite("Line protocol")
struct LineProtocolTests {
    private static func text(_ points: LinePoint...) throws -> String {
        var writer = LineProtocolWriter()
        for point in points { try writer.append(point, url: "http://influx") }
        #expect(writer.count == points.count)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test("separators in names and values are escaped, each where it separates")
    func escaping() throws {
        let point = LinePoint(
            measurement: "a, b=c",
            tags: ["t =,": "v =,\"", "none": "", "": "none"],
            fields: ["f ,=": .double(0.1), "n": .integer(-7)],
            time: -1
        )
        #expect(
            try Self.text(point) == #"a\,\ b=c,t\ \=\,=v\ \=\,\" f\ \,\==0.1,n=-7i -1"#.replacing("\\\"", with: "\"")
                + "\n"
        )
    }

    @Test("what could end a point early cannot be written")
    func controls() throws {
        let point = LinePoint(measurement: "m\\", tags: ["t": "a\nb\\"], fields: ["f": .integer(1)], time: 0)
        #expect(try Self.text(point) == "m\\_,t=a\\ b\\_ f=1i 0\n")
    }

    @Test("a point that InfluxDB would not take is refused before it is sent")
    func refusals() {
        let bad = [
            LinePoint(measurement: "", tags: [:], fields: ["f": .integer(1)], time: 0),
            LinePoint(measurement: "#m", tags: [:], fields: ["f": .integer(1)], time: 0),
            LinePoint(measurement: "m", tags: [:], fields: ["": .integer(1)], time: 0),
            LinePoint(measurement: "m", tags: [:], fields: ["f": .double(.nan)], time: 0),
            LinePoint(measurement: "m", tags: [:], fields: ["f": .double(.infinity)], time: 0),
        ]
        for point in bad { #expect(throws: ConnectorError.self) { try Self.text(point) } }
    }

    /// Text of the characters that separate, escape or look odd.
    private static func name(_ random: inout SeededRandom, from alphabet: [String]) -> String {
        let text = (0..<Int.random(in: 1...8, using: &random)).map { _ in random.pick(alphabet) }.joined()
        return text.last == "\\" ? text + "x" : text
    }

    private static func points(_ count: Int, seed: UInt64) -> [LinePoint] {
        var random = SeededRandom(seed: seed)
        let alphabet = ["a", "Z", "0", ",", "=", " ", "\\", "\"", "é", "😀", "'", "#", "-"]
        return (0..<count).map { index in
            LinePoint(
                measurement: "m" + name(&random, from: alphabet),
                tags: ["t" + name(&random, from: alphabet): name(&random, from: alphabet), "i": "\(index)"],
                fields: [
                    "f" + name(&random, from: alphabet): .double(Double.random(in: -1e9...1e9, using: &random)),
                    "n": .integer(Int64.random(in: .min ... .max, using: &random)),
                ],
                time: Int64.random(in: 0...4_000_000_000, using: &random)
            )
        }
    }

    @Test("whatever a name or value holds is read back by InfluxDB's rules")
    func roundTrip() throws {
        for point in Self.points(5_000, seed: 31) {
            let line = try Self.text(point)
            #expect(line.utf8.count { $0 == 0x0A } == 1)
            var parser = LineParser(line)
            #expect(try parser.point() == point, "\(line)")
        }
    }

    @Test("a point is written as alone, whatever the point before it was")
    func neighbours() throws {
        let points = Self.points(200, seed: 33).flatMap { point in
            var (later, other) = (point, point)
            later.time = 7
            other.tags["i"] = "x"
            return [point, later, other]
        }
        var writer = LineProtocolWriter()
        for point in points { try writer.append(point, url: "http://influx") }
        #expect(String(decoding: writer.bytes, as: UTF8.self) == (try points.map { try Self.text($0) }.joined()))
    }

    @Test("packed bytes are unpacked to the same ones", arguments: [0, 1, 1_000, 1_000_000])
    func gzip(_ size: Int) throws {
        var random = SeededRandom(seed: 32)
        let bytes = (0..<size).map { _ in UInt8.random(in: 97...110, using: &random) }
        let packed = try GzipDeflater.packed(bytes)
        #expect(size < 1_000 || packed.count < size * 2 / 3)
        var inflater = try GzipInflater()
        var unpacked: [UInt8] = []
        try packed.span.withUnsafeBytes { piece throws(ConnectorError) in
            try inflater.inflate(piece) { unpacked.append(contentsOf: $0) }
        }
        try inflater.finish()
        #expect(unpacked == bytes)
    }
}

/// Reads one line as InfluxDB does: a backslash before a separator takes its meaning away, and any other stands for itself.
private struct LineParser {
    private var rest: Substring

    init(_ line: String) { rest = line[...] }

    struct Malformed: Error {}

    mutating func point() throws -> LinePoint {
        let measurement = token(until: ", ", escapes: ", ")
        var tags: [String: String] = [:]
        while take(",") {
            let key = token(until: "=", escapes: ",= ")
            guard take("=") else { throw Malformed() }
            tags[key] = token(until: ", ", escapes: ",= ")
        }
        guard take(" ") else { throw Malformed() }
        var fields: [String: LinePoint.Value] = [:]
        repeat {
            let key = token(until: "=", escapes: ",= ")
            guard take("=") else { throw Malformed() }
            let text = token(until: ", ", escapes: "")
            if text.last == "i" {
                fields[key] = Int64(text.dropLast()).map(LinePoint.Value.integer)
            } else {
                fields[key] = Double(text).map(LinePoint.Value.double)
            }
        } while take(",")
        guard take(" "), let time = Int64(rest.dropLast()) else { throw Malformed() }
        return LinePoint(measurement: measurement, tags: tags, fields: fields, time: time)
    }

    private mutating func take(_ separator: Character) -> Bool {
        guard rest.first == separator else { return false }
        rest = rest.dropFirst()
        return true
    }

    private mutating func token(until ends: String, escapes: String) -> String {
        var text = ""
        while let next = rest.first, !ends.contains(next) {
            rest = rest.dropFirst()
            if next == "\\", let escaped = rest.first, escapes.contains(escaped) {
                text.append(escaped)
                rest = rest.dropFirst()
            } else {
                text.append(next)
            }
        }
        return text
    }
}
