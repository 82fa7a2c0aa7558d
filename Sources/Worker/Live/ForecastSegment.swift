// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// Forecasts that a process issued one after the other, as one file of the store: safetensors, in which each version has
/// four tensors.
///
/// | tensor | | |
/// |---|---|---|
/// | `issued:<version>` | [n] | milliseconds since 1970 |
/// | `ends:<version>` | [n] | the time of each history's last row, in seconds since 1970 |
/// | `last:<version>` | [n x targets] | that row |
/// | `forecasts:<version>` | [n x horizon x targets] | original units |
struct ForecastSegment: Sendable, Equatable {
    /// The version of this format.
    static let currentSchemaVersion = 1
    private static let schemaKey = "schemaVersion"
    private static let (issued, ends, last, forecasts) = ("issued:", "ends:", "last:", "forecasts:")

    /// The forecasts, those of a version together. All of one version have the same sizes.
    var forecasts: [RememberedForecast]

    init(_ forecasts: [RememberedForecast]) { self.forecasts = forecasts }

    /// The file's bytes.
    /// - Throws: `ForecastingError.invalidSafetensors`.
    func encoded() throws(ForecastingError) -> [UInt8] {
        var tensors: [NamedTensor] = []
        for (version, group) in Dictionary(grouping: forecasts, by: \.version).sorted(by: { $0.key < $1.key }) {
            let (count, targets) = (group.count, group[0].last.count)
            let horizon = targets == 0 ? 0 : group[0].values.count / targets
            tensors += [
                NamedTensor(name: Self.issued + version, shape: [count], values: .int64(group.map(\.issued))),
                NamedTensor(name: Self.ends + version, shape: [count], values: .int64(group.map(\.end))),
                NamedTensor(
                    name: Self.last + version,
                    shape: [count, targets],
                    values: .float64(group.flatMap(\.last))
                ),
                NamedTensor(
                    name: Self.forecasts + version,
                    shape: [count, horizon, targets],
                    values: .float64(group.flatMap(\.values))
                ),
            ]
        }
        let metadata = [Self.schemaKey: String(Self.currentSchemaVersion)]
        return try SafetensorsFile(tensors: tensors, metadata: metadata).encoded()
    }

    /// Reads a file, trusting nothing in it.
    /// - Throws: `WorkerError.unusableSegment`.
    init(decoding bytes: [UInt8]) throws(WorkerError) {
        let file: SafetensorsFile
        do {
            file = try SafetensorsFile(decoding: bytes)
        } catch {
            throw .unusableSegment(reason: error.description)
        }
        let schema = file.metadata[Self.schemaKey]
        guard let schema, schema == String(Self.currentSchemaVersion) else {
            let found = schema.map { "it has schemaVersion \($0.prefix(20))" } ?? "it says no schemaVersion"
            throw .unusableSegment(reason: "\(found), this worker knows \(Self.currentSchemaVersion)")
        }
        var tensors: [String: NamedTensor] = [:]
        for tensor in file.tensors { tensors[tensor.name] = tensor }
        forecasts = []
        for name in tensors.keys.sorted() where name.hasPrefix(Self.issued) {
            forecasts += try Self.forecasts(of: String(name.dropFirst(Self.issued.count)), tensors)
        }
    }

    private static func forecasts(
        of version: String,
        _ tensors: [String: NamedTensor]
    ) throws(WorkerError) -> [RememberedForecast] {
        guard case .int64(let issued)? = tensors[Self.issued + version]?.values,
            case .int64(let ends)? = tensors[Self.ends + version]?.values,
            let last = tensors[Self.last + version], case .float64(let lastValues) = last.values,
            let all = tensors[Self.forecasts + version], case .float64(let values) = all.values
        else { throw .unusableSegment(reason: "it lacks a part of version '\(version.prefix(64))'") }
        let count = issued.count
        guard ends.count == count, last.shape.count == 2, last.shape[0] == count, last.shape[1] > 0,
            all.shape.count == 3, all.shape[0] == count, all.shape[1] > 0, all.shape[2] == last.shape[1]
        else { throw .unusableSegment(reason: "the parts of version '\(version.prefix(64))' do not fit each other") }
        guard values.allSatisfy(\.isFinite), !lastValues.contains(where: \.isInfinite) else {
            throw .unusableSegment(reason: "a forecast of version '\(version.prefix(64))' is no number")
        }
        // The product is the number of elements that are there, so it cannot overflow unless there are none.
        let (targets, width) = (last.shape[1], count == 0 ? 0 : all.shape[1] * all.shape[2])
        return (0..<count).map { index in
            RememberedForecast(
                version: version,
                issued: issued[index],
                end: ends[index],
                last: Array(lastValues[index * targets..<(index + 1) * targets]),
                values: Array(values[index * width..<(index + 1) * width])
            )
        }
    }
}

/// The name of a segment's file: when its first forecast was issued, in milliseconds since 1970, and a number that tells
/// apart those of one process.
struct SegmentName: Sendable, Hashable, CustomStringConvertible {
    private static let ending = ".safetensors"

    /// When the first forecast was issued, in milliseconds since 1970.
    let issued: Int64
    /// How many segments the process wrote before.
    let number: Int

    init(issued: Int64, number: Int) { (self.issued, self.number) = (issued, number) }

    /// Reads a name; nil where it is none of ours.
    init?(_ text: String) {
        guard text.hasSuffix(Self.ending) else { return nil }
        let parts = text.dropLast(Self.ending.count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let issued = Int64(parts[0]), let number = Int(parts[1]), issued >= 0, number >= 0
        else { return nil }
        self.init(issued: issued, number: number)
    }

    var description: String { "\(issued)-\(number)\(Self.ending)" }
}
