// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird

/// Writes a line of JSON for each request: what was asked, who answered, how long it took. Neither bodies nor keys nor
/// tokens nor query strings are in it.
struct AccessLog: Sendable {
    private static let requestHeader = HTTPField.Name("X-Request-Id")
    private static let traceHeader = HTTPField.Name("traceparent")
    private static let longestID = 128

    /// Takes a line without its break.
    let write: @Sendable (String) -> Void
    /// The time of the wall clock.
    var now: @Sendable () -> Date = { Date() }

    /// A log on the standard output.
    static let standardOutput = AccessLog { line in
        try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    }

    /// The request's own identifier where its client gave one that is fit for a log, else a new one.
    static func identifier(of headers: HTTPFields) -> String {
        guard let name = requestHeader, let given = headers[name], (1...longestID).contains(given.utf8.count),
            given.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return UUID().uuidString.lowercased() }
        return given
    }

    /// The trace of `traceparent` (W3C Trace Context, version 00): 32 hexadecimal digits, not all zero; nil where there is
    /// none, or it is not as it must be.
    static func trace(of headers: HTTPFields) -> String? {
        guard let name = traceHeader, let value = headers[name] else { return nil }
        let parts = value.split(separator: "-", omittingEmptySubsequences: false)
        let digits = Set("0123456789abcdef")
        guard parts.count >= 4, parts[0].count == 2, parts[0] != "ff", parts[0] != "00" || parts.count == 4,
            parts[1].count == 32, parts[2].count == 16, parts[3].count == 2,
            parts.prefix(4).joined().allSatisfy(digits.contains),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        return String(parts[1])
    }

    /// Lets the answer carry the request's identifier.
    static func mark(_ response: inout Response, _ identifier: String) {
        if let name = requestHeader { response.headers[name] = identifier }
    }

    /// What a line says beside the request's own head.
    struct Entry: Sendable {
        /// The request's identifier.
        var identifier: String
        /// Who asked; nil where that is not known.
        var caller: Caller?
        var labels: ServingMetrics.Labels
        /// From the request's head to its answer.
        var duration: Duration
    }

    /// Writes the line of an answer.
    func note(_ request: Request, _ entry: Entry) {
        var line = JSONWriter(numbers: 0)
        line.text("{\"time\":")
        line.string(now().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        line.text(",\"request\":")
        line.string(entry.identifier)
        if let trace = Self.trace(of: request.headers) {
            line.text(",\"trace\":")
            line.string(trace)
        }
        line.text(",\"method\":")
        line.string(request.method.rawValue)
        line.text(",\"path\":")
        line.string(String(request.uri.path.prefix(500)))
        if let caller = entry.caller {
            line.text(",\"caller\":")
            line.string(caller.label)
        }
        if !entry.labels.version.isEmpty {
            line.text(",\"version\":")
            line.string(entry.labels.version)
        }
        let microseconds = Int(entry.duration.nanoseconds / 1_000)
        line.text(",\"code\":\(entry.labels.code),\"microseconds\":\(microseconds)}")
        write(String(decoding: line.bytes, as: UTF8.self))
    }
}
