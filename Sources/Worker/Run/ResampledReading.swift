// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Synchronization

/// Reads a file and resamples its rows while they are read, so that memory holds bins and never all rows.
struct ResampledReading: Sendable {
    let context: StepContext
    /// Which times are read; nil for all.
    let window: RunWindow?
    let resampling: Resampling

    /// The bins of the file's rows; nil where the source is no file, or bins can be made once all rows are there.
    ///
    /// Local times wait for all rows. So does what is known ahead, whose rows are told by the last one that has a target.
    func bins() async throws -> PanelBins? {
        let spec = context.spec
        guard let file: any FileSourceSpec = spec.source.csv ?? spec.source.parquet, spec.series.timeZone == nil,
            spec.known == 0
        else { return nil }
        let bins = Mutex(PanelBins(resampling))
        let reading = FileReading(context: context, window: window) { rows in bins.withLock { $0.add(rows) } }
        _ = try await reading.rows()
        let found = bins.withLock { $0 }
        if let window, found.rowCount == 0 { throw window.nothing(in: file.name) }
        return found
    }
}
