// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Reads what Prometheus answers to a range query: one JSON object, which is kept until it is whole.
struct PrometheusReader: AnswerParser {
    /// The longest answer in bytes: 11,000 points of some hundred series.
    static let longestAnswer = 256 << 20

    private let source: String
    private let decimals = DecimalParser()
    private var bytes: [UInt8] = []

    /// Prepares to read; `source` is how messages call the server.
    init(source: String) {
        self.source = source
    }

    var rowCount: Int { 0 }

    mutating func feed(_ piece: UnsafeRawBufferPointer) throws(ConnectorError) {
        bytes.append(contentsOf: piece)
        guard bytes.count <= Self.longestAnswer else {
            let problem =
                "the query gives more than \(Self.longestAnswer >> 20) MiB at once; aggregate it, or choose series"
            throw .badData(BadData(problem, source: source))
        }
    }

    mutating func finish() throws(ConnectorError) -> PrometheusAnswer {
        var whole: [UInt8] = []
        swap(&whole, &bytes)
        guard whole.first(where: { $0 > ASCII.space }) == UInt8(ascii: "{") else {
            let problem =
                "the answer is not Prometheus's JSON; is the URL that of Prometheus, and not of a page or proxy?"
            throw .badData(BadData(problem, text: BadData.excerpt(of: whole), source: source))
        }
        do throws(ConnectorError) {
            return try whole.span.withUnsafeBytes { bytes throws(ConnectorError) in
                var cursor = JSONCursor(bytes)
                let answer = try answer(&cursor)
                try cursor.requireEnd()
                return answer
            }
        } catch {
            guard case .badData(var problem) = error else { throw error }
            problem.source = source
            throw .badData(problem)
        }
    }

    private func answer(_ cursor: inout JSONCursor) throws(ConnectorError) -> PrometheusAnswer {
        var answer = PrometheusAnswer()
        var failure: (type: String, text: String) = ("", "")
        try cursor.object { key, cursor throws(ConnectorError) in
            switch key {
            case "errorType": failure.type = try cursor.string()
            case "error": failure.text = try cursor.string()
            case "warnings":
                try cursor.array { cursor throws(ConnectorError) in
                    let text = try cursor.string()
                    if answer.warnings.count < 3 { answer.warnings.append(BadData.excerpt(of: Array(text.utf8))) }
                }
            case "data":
                try cursor.object { key, cursor throws(ConnectorError) in
                    guard key == "result" else { return try cursor.skip() }
                    try cursor.array { cursor throws(ConnectorError) in answer.series.append(try series(&cursor)) }
                }
            default: try cursor.skip()
            }
        }
        guard failure.type.isEmpty else { throw PrometheusRefusal.error(failure.type, failure.text, url: source) }
        return answer
    }

    private func series(_ cursor: inout JSONCursor) throws(ConnectorError) -> PrometheusSeries {
        var series = PrometheusSeries()
        try cursor.object { key, cursor throws(ConnectorError) in
            switch key {
            case "metric":
                try cursor.object { label, cursor throws(ConnectorError) in series.labels[label] = try cursor.string() }
            case "values":
                try cursor.array { cursor throws(ConnectorError) in
                    try cursor.require(UInt8(ascii: "["))
                    series.times.append(try time(&cursor))
                    try cursor.require(ASCII.comma)
                    series.values.append(try value(&cursor))
                    try cursor.require(UInt8(ascii: "]"))
                }
            default: try cursor.skip()
            }
        }
        return series
    }

    /// A time, which is on the grid that was asked for and so a whole second.
    private func time(_ cursor: inout JSONCursor) throws(ConnectorError) -> Int64 {
        guard case .number(let seconds) = decimals.parse(try cursor.scalar()), let whole = Int64(exactly: seconds)
        else {
            throw cursor.problem("a point has no time in whole seconds")
        }
        return whole
    }

    /// A value, which is a text because JSON knows no NaN.
    private func value(_ cursor: inout JSONCursor) throws(ConnectorError) -> Double {
        guard cursor.peek() == ASCII.quote else { throw cursor.problem("a point's value is not a text") }
        let text = try cursor.rawString()
        if case .number(let value) = decimals.parse(text) { return value }
        if text.elementsEqual("NaN".utf8) { return .nan }
        let isInfinite = ["+Inf", "-Inf", "Inf"].contains { text.elementsEqual($0.utf8) }
        let problem = isInfinite ? "a point is infinite; divide only by what is not 0" : "a point has no number"
        throw .badData(BadData(problem, text: BadData.excerpt(of: text)))
    }
}
