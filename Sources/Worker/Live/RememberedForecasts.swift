// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import WorkerRuntime

/// The forecasts of some versions that a service's processes have remembered, each once, from the first to the last issued.
struct RememberedForecasts: Sendable {
    /// So many bytes of forecasts are held; of more, the latest ones count.
    static let mostBytes = 256 << 20
    /// So many segments are removed at a time; what is left goes the next time.
    static let mostRemovals = 5_000
    /// So many segments are read at a time.
    private static let readers = 16
    /// A segment's forecasts were issued within a minute of its name, by a clock that may be off.
    private static let grace: Int64 = 600_000

    /// Which forecasts are wanted.
    struct Wish: Sendable {
        /// Their versions.
        var versions: Set<String>
        /// When they were issued at the earliest, in milliseconds since 1970.
        var since: Int64
        /// Segments from before this instant are removed.
        var keptSince: Int64
    }

    /// The forecasts.
    var forecasts: [RememberedForecast] {
        known.values.sorted { ($0.issued, $0.end, $0.version) < ($1.issued, $1.end, $1.version) }
    }
    /// What a person should know: what is damaged, was left out, or could not be removed.
    private(set) var notes: [String] = []
    /// How many segments were removed.
    private(set) var removed = 0
    private var known: [RememberedForecast.Key: RememberedForecast] = [:]
    private var bytes = 0

    /// Reads what is wanted, and removes what is old.
    ///
    /// - Throws: `ForecastingError` where the store cannot be read; a damaged segment is noted and left where it is.
    static func read(in folder: LiveFolder, _ wish: Wish) async throws -> RememberedForecasts {
        let segments = try await LongWork.finish { try Segments(in: folder, wish) }
        var found = RememberedForecasts()
        for start in stride(from: 0, to: segments.wanted.count, by: readers) {
            guard found.bytes < mostBytes else {
                let issued = segments.wanted[start].name.issued
                found.notes.append("forecasts from before \(UTCTime.text(milliseconds: issued)) are left out")
                break
            }
            let batch = segments.wanted[start..<min(start + readers, segments.wanted.count)]
            for segment in try await read(Array(batch), in: folder) { found.add(segment, in: folder, wish) }
        }
        return try await LongWork.finish { [found] in
            var found = found
            found.remove(segments.old, in: folder)
            return found
        }
    }

    /// A segment's file, and what it holds.
    private struct Segment: Sendable {
        let process: String
        let name: SegmentName
        var content: Result<[RememberedForecast], ForecastingError> = .success([])
    }

    /// The segments that there are.
    private struct Segments: Sendable {
        /// The latest ones first, for where not all can be held.
        private(set) var wanted: [Segment] = []
        private(set) var old: [Segment] = []

        init(in folder: LiveFolder, _ wish: Wish) throws {
            for process in try folder.processes() {
                for name in try folder.files(of: process).compactMap({ SegmentName($0) }) {
                    let segment = Segment(process: process, name: name)
                    if name.issued < wish.keptSince - RememberedForecasts.grace {
                        old.append(segment)
                    } else if name.issued >= wish.since - RememberedForecasts.grace {
                        wanted.append(segment)
                    }
                }
            }
            wanted.sort { ($0.name.issued, $0.process, $0.name.number) > ($1.name.issued, $1.process, $1.name.number) }
        }
    }

    /// Reads some segments side by side, for most of the time is spent on the way to the store; they keep their order.
    private static func read(_ segments: [Segment], in folder: LiveFolder) async throws -> [Segment] {
        try await withThrowingTaskGroup(of: (Int, Segment).self) { group in
            for (index, segment) in segments.enumerated() {
                group.addTask {
                    try await LongWork.finish {
                        var segment = segment
                        // One that is gone was removed by another task like this one.
                        if let bytes = try folder.read("\(segment.name)", of: segment.process) {
                            segment.content = Result { () throws(ForecastingError) in
                                try ForecastSegment(decoding: bytes).forecasts
                            }
                        }
                        return (index, segment)
                    }
                }
            }
            var read = segments
            for try await (index, segment) in group { read[index] = segment }
            return read
        }
    }

    /// Takes a segment's forecasts up; of those that are alike the first one counts.
    private mutating func add(_ segment: Segment, in folder: LiveFolder, _ wish: Wish) {
        switch segment.content {
        case .failure(let error):
            notes.append("\(folder.path("\(segment.name)", of: segment.process)): \(error)")
        case .success(let forecasts):
            for forecast in forecasts where wish.takes(forecast) {
                let other = known[forecast.key]
                if other == nil { bytes += forecast.size }
                if other.map({ $0.issued > forecast.issued }) ?? true { known[forecast.key] = forecast }
            }
        }
    }

    /// Removes segments; a fault in that keeps nothing from being compared.
    private mutating func remove(_ old: [Segment], in folder: LiveFolder) {
        for segment in old.prefix(Self.mostRemovals) {
            do {
                try folder.remove("\(segment.name)", of: segment.process)
                removed += 1
            } catch {
                notes.append("an old segment stays: \(error)")
                return
            }
        }
        for process in Set(old.map(\.process)).sorted() {
            guard let left = try? folder.files(of: process), left.isEmpty else { continue }
            try? folder.removeFolder(of: process)
        }
    }
}

extension RememberedForecasts.Wish {
    fileprivate func takes(_ forecast: RememberedForecast) -> Bool {
        versions.contains(forecast.version) && forecast.issued >= since
    }
}

extension UTCTime {
    /// How a time in milliseconds since 1970 reads in a message.
    fileprivate static func text(milliseconds: Int64) -> String {
        let seconds = milliseconds / 1_000
        return secondsRange.contains(seconds) ? UTCTime(seconds: seconds).description : "\(milliseconds) ms"
    }
}
