// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// What a request by the Open Inference Protocol says beside its input tensors.
struct InferenceWishes: Sendable {
    /// An output tensor that is asked for.
    struct Output: Sendable {
        var name: String
        var isBinary: Bool?
    }

    /// What the answer must repeat.
    var id: String?
    /// How many steps are asked for; nil for all.
    private(set) var horizon: Int?
    /// The positions of the quantiles that are asked for; nil where nothing is said of them.
    private(set) var quantiles: [Int]?
    /// The tensors that are asked for; empty for those that go by themselves.
    private(set) var outputs: [Output] = []
    private var isAllBinary = false

    /// Whether a tensor is to be in the answer.
    func wants(_ name: String, byItself: Bool) -> Bool {
        outputs.isEmpty ? byItself : outputs.contains { $0.name == name }
    }

    /// Whether a tensor is wanted as bytes behind the JSON.
    func isBinary(_ name: String) -> Bool { outputs.last { $0.name == name }?.isBinary ?? isAllBinary }

    /// Reads the request's parameters for a model of this horizon and these intervals.
    mutating func readParameters(
        _ scanner: inout JSONScanner,
        horizon longest: Int,
        _ intervals: ForecastIntervals?
    ) throws(ServingError) {
        if scanner.takeNull() { return }
        try scanner.object("parameters") { (key, scanner) throws(ServingError) in
            let place = "parameters.\(key.prefix(40))"
            switch key {
            case "binary_data_output": isAllBinary = try scanner.bool(place)
            case "horizon":
                let number = try scanner.number(place)
                guard let steps = Int(exactly: number), (1...longest).contains(steps) else {
                    throw ServedSeries.wrongHorizon(number, place, trained: longest)
                }
                horizon = steps
            case "quantiles":
                let positions = try ForecastIntervals.scan(place, &scanner, of: intervals)
                quantiles = positions.isEmpty ? nil : positions
            default: try scanner.skip()
            }
        }
    }

    /// Reads the tensors that are asked for, of those with the given names.
    mutating func readOutputs(_ scanner: inout JSONScanner, known: [String]) throws(ServingError) {
        if scanner.takeNull() { return }
        try scanner.array("outputs") { (position, scanner) throws(ServingError) in
            let place = "outputs[\(position)]"
            guard position < Self.mostOutputs else {
                throw .invalidBody(field: "outputs", problem: "holds more than \(Self.mostOutputs) tensors")
            }
            var name: String?
            var isBinary: Bool?
            try scanner.object(place) { (key, scanner) throws(ServingError) in
                switch key {
                case "name": name = try scanner.string("\(place).name")
                case "parameters":
                    if scanner.takeNull() { return }
                    try scanner.object("\(place).parameters") { (key, scanner) throws(ServingError) in
                        guard key == "binary_data" else { return try scanner.skip() }
                        isBinary = try scanner.bool("\(place).parameters.\(key)")
                    }
                default: try scanner.skip()
                }
            }
            guard let name, known.contains(name) else {
                let found = name.map { "is '\($0.prefix(60))'" } ?? "is missing"
                let names = known.map { "'\($0)'" }.joined(separator: " or ")
                throw .invalidBody(field: "\(place).name", problem: "\(found); must be \(names)")
            }
            outputs.append(Output(name: name, isBinary: isBinary))
        }
    }

    /// More than there are tensors, so that clients may repeat themselves, and few enough to keep.
    private static let mostOutputs = 16
}
