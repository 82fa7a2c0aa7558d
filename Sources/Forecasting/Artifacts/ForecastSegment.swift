// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Forecasts that a process issued one after the other, as one file of the store: safetensors, in which each version has
/// four tensors, and five where it knows several series.
///
/// | tensor | | |
/// |---|---|---|
/// | `issued:<version>` | [n] | milliseconds since 1970 |
/// | `ends:<version>` | [n] | the time of each history's last row, in seconds since 1970 |
/// | `last:<version>` | [n x targets] | that row |
/// | `forecasts:<version>` | [n x horizon x targets] | original units |
/// | `series:<version>` | [n] | places in the list `series` of the metadata |
///
/// `series` in the metadata is a list of keys as JSON. A file without any has the first version of the format.
package struct ForecastSegment: Sendable, Equatable {
    /// The latest version of this format: the first one knew no series.
    static let currentSchemaVersion = 2
    private static let schemaKey = "schemaVersion"
    private static let (issued, ends, last, forecasts) = ("issued:", "ends:", "last:", "forecasts:")
    private static let (series, seriesKey) = ("series:", "series")

    /// The forecasts, those of a version together. All of one version have the same sizes.
    package var forecasts: [RememberedForecast]

    /// A segment of these forecasts.
    package init(_ forecasts: [RememberedForecast]) { self.forecasts = forecasts }

    /// The file's bytes.
    /// - Throws: `ForecastingError.invalidSafetensors`.
    package func encoded() throws(ForecastingError) -> [UInt8] {
        var tensors: [NamedTensor] = []
        let keys = Set(forecasts.map(\.series)).subtracting([.single]).sorted()
        let places = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, Int64($0)) })
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
            let series = group.compactMap { places[$0.series] }
            guard series.count == count else { continue }
            tensors.append(NamedTensor(name: Self.series + version, shape: [count], values: .int64(series)))
        }
        var metadata = [Self.schemaKey: String(keys.isEmpty ? 1 : Self.currentSchemaVersion)]
        if !keys.isEmpty { metadata[Self.seriesKey] = try Self.text(keys) }
        return try SafetensorsFile(tensors: tensors, metadata: metadata).encoded()
    }

    /// Reads a file, trusting nothing in it.
    /// - Throws: `ForecastingError.unusableSegment`.
    package init(decoding bytes: [UInt8]) throws(ForecastingError) {
        let file: SafetensorsFile
        do {
            file = try SafetensorsFile(decoding: bytes)
        } catch {
            throw .unusableSegment(reason: error.description)
        }
        let schema = file.metadata[Self.schemaKey]
        guard let schema, let number = Int(schema), (1...Self.currentSchemaVersion).contains(number) else {
            let found = schema.map { "it has schemaVersion \($0.prefix(20))" } ?? "it says no schemaVersion"
            throw .unusableSegment(reason: "\(found), this worker knows \(Self.currentSchemaVersion)")
        }
        let keys = try Self.keys(file.metadata[Self.seriesKey])
        var tensors: [String: NamedTensor] = [:]
        for tensor in file.tensors { tensors[tensor.name] = tensor }
        forecasts = []
        for name in tensors.keys.sorted() where name.hasPrefix(Self.issued) {
            forecasts += try Self.forecasts(of: String(name.dropFirst(Self.issued.count)), tensors, keys)
        }
    }

    private static func text(_ keys: [SeriesKey]) throws(ForecastingError) -> String {
        do {
            return String(decoding: try JSONEncoder().encode(keys), as: UTF8.self)
        } catch {
            throw .invalidSafetensors(reason: "its series cannot be written: \(error)")
        }
    }

    private static func keys(_ text: String?) throws(ForecastingError) -> [SeriesKey] {
        guard let text else { return [] }
        guard let keys = try? JSONDecoder().decode([SeriesKey].self, from: Data(text.utf8)) else {
            throw .unusableSegment(reason: "its series are no list of keys")
        }
        return keys
    }

    /// The series of a version's forecasts, one each.
    private static func series(
        of version: String,
        count: Int,
        _ tensors: [String: NamedTensor],
        _ keys: [SeriesKey]
    ) throws(ForecastingError) -> [SeriesKey] {
        guard let tensor = tensors[series + version] else { return Array(repeating: .single, count: count) }
        guard case .int64(let places) = tensor.values, places.count == count,
            places.allSatisfy({ $0 >= 0 && $0 < keys.count })
        else { throw .unusableSegment(reason: "the series of version '\(version.prefix(64))' do not fit the rest") }
        return places.map { keys[Int($0)] }
    }

    private static func forecasts(
        of version: String,
        _ tensors: [String: NamedTensor],
        _ keys: [SeriesKey]
    ) throws(ForecastingError) -> [RememberedForecast] {
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
        let series = try series(of: version, count: count, tensors, keys)
        // The product is the number of elements that are there, so it cannot overflow unless there are none.
        let (targets, width) = (last.shape[1], count == 0 ? 0 : all.shape[1] * all.shape[2])
        return (0..<count).map { index in
            RememberedForecast(
                version: version,
                series: series[index],
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
package struct SegmentName: Sendable, Hashable, CustomStringConvertible {
    private static let ending = ".safetensors"

    /// When the first forecast was issued, in milliseconds since 1970.
    package let issued: Int64
    /// How many segments the process wrote before.
    package let number: Int

    /// The name of a process's segment.
    package init(issued: Int64, number: Int) { (self.issued, self.number) = (issued, number) }

    /// Reads a name; nil where it is none of ours.
    package init?(_ text: String) {
        guard text.hasSuffix(Self.ending) else { return nil }
        let parts = text.dropLast(Self.ending.count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let issued = Int64(parts[0]), let number = Int(parts[1]), issued >= 0, number >= 0
        else { return nil }
        self.init(issued: issued, number: number)
    }

    package var description: String { "\(issued)-\(number)\(Self.ending)" }
}
