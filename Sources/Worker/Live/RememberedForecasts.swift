// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// The forecasts of some versions that a service's processes have remembered, each once, from the first to the last issued.
struct RememberedForecasts: Sendable {
    /// So many bytes of forecasts are held; of more, the latest ones count.
    static let mostBytes = 256 << 20
    /// So many segments are removed at a time; what is left goes the next time.
    static let mostRemovals = 5_000
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
    private(set) var forecasts: [RememberedForecast] = []
    /// What a person should know: what is damaged, was left out, or could not be removed.
    private(set) var notes: [String] = []
    /// How many segments were removed.
    private(set) var removed = 0
    private var bytes = 0

    private typealias Segment = (process: String, name: SegmentName)

    /// Reads what is wanted, and removes what is old. It blocks: keep it off the cooperative pool.
    ///
    /// - Throws: `ForecastingError` where the store cannot be read; a damaged segment is noted and left where it is.
    init(in folder: LiveFolder, _ wish: Wish) throws {
        var (wanted, old): ([Segment], [Segment]) = ([], [])
        for process in try folder.processes() {
            for name in try folder.files(of: process).compactMap({ SegmentName($0) }) {
                if name.issued < wish.keptSince - Self.grace {
                    old.append((process, name))
                } else if name.issued >= wish.since - Self.grace {
                    wanted.append((process, name))
                }
            }
        }
        // The latest ones first, for where not all can be held; of forecasts that are alike the first one counts.
        wanted.sort { ($0.name.issued, $0.process, $0.name.number) > ($1.name.issued, $1.process, $1.name.number) }
        var known: [RememberedForecast.Key: RememberedForecast] = [:]
        for segment in wanted {
            guard bytes < Self.mostBytes else {
                notes.append("forecasts from before \(UTCTime.text(milliseconds: segment.name.issued)) are left out")
                break
            }
            for forecast in try read(segment, in: folder) where wish.takes(forecast) {
                if let other = known.updateValue(forecast, forKey: forecast.key), other.issued <= forecast.issued {
                    known[forecast.key] = other
                } else {
                    bytes += forecast.size
                }
            }
        }
        forecasts = known.values.sorted { ($0.issued, $0.end, $0.version) < ($1.issued, $1.end, $1.version) }
        remove(old, in: folder)
    }

    private mutating func read(_ segment: Segment, in folder: LiveFolder) throws -> [RememberedForecast] {
        // One that is gone was removed by another task like this one.
        guard let bytes = try folder.read("\(segment.name)", of: segment.process) else { return [] }
        do throws(WorkerError) {
            return try ForecastSegment(decoding: bytes).forecasts
        } catch {
            notes.append("\(folder.path("\(segment.name)", of: segment.process)): \(error)")
            return []
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
