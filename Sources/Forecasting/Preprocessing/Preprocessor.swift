// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What is done to rows before a model sees them, and undone to its forecasts: fitted on train rows, stored with the model.
///
/// The steps, in their order: fill gaps, cut outliers off, average, transform, difference, add features, scale, add the
/// calendar. Training,
/// evaluation and serving call the same code, whose results follow from `warmUp` rows before a row and from nothing else,
/// bit for bit.
package struct Preprocessor: Hashable, Sendable {
    /// How rows were brought onto the grid; nil where they lay on it.
    package let resample: Resampling.Method?
    /// What is done about missing values.
    package let missing: MissingPolicy
    /// What gaps are filled with; nil where there may be none.
    var fill: GapFilling?
    /// The limits of outliers.
    var clip: OutlierClip?
    /// The length of the targets' trailing mean.
    package let movingAverage: Int?
    /// The targets' transform.
    var transform: PowerTransform?
    /// The targets' differences.
    let difference: Differencing?
    /// Channels of the targets' past.
    let features: HistoryFeatures?
    /// What is known of rows to come.
    package let future: FutureChannels?
    /// The scaling of each channel but those of the calendar, which are within -1 and 1 by themselves.
    package internal(set) var scaler: Scaler

    /// Fits all steps, each on what the one before makes of the train rows.
    /// - Throws: `ForecastingError`: `columnWithoutValues`, `notPositive`, `tooFewRows`.
    package init(_ settings: PreprocessorSettings, fitting rows: RawRows) throws(ForecastingError) {
        guard rows.count > settings.warmUp else {
            throw .tooFewRows(part: "the train part", rows: rows.count, lookback: settings.warmUp, horizon: 1)
        }
        resample = settings.resample
        missing = settings.missing
        fill = try GapFilling(settings.missing, fitting: rows, seasonLength: settings.seasonLength)
        let complete = try fill?.filled(rows, settings.missing) ?? rows.columns
        clip = settings.outliers.map { OutlierClip($0, fitting: complete) }
        movingAverage = settings.movingAverage
        let smooth = Self.smoothed(clip?.clipped(complete) ?? complete, settings.movingAverage, rows.targets)
        transform = try settings.transform.map { kind throws(ForecastingError) in
            try PowerTransform(kind, fitting: smooth.prefix(rows.targets), of: rows)
        }
        difference = settings.difference
        features = settings.features
        future = settings.future
        let levels = try Self.levels(smooth, transform, rows)
        let channels = Self.channels(levels, settings.difference, settings.features, settings.future, rows.targets)
        scaler = Scaler(kind: settings.scaler, fitting: channels)
    }

    /// One that scales, and does nothing else.
    package init(scaler: Scaler) {
        self.scaler = scaler
        missing = .fail
        (resample, fill, clip, movingAverage, transform, difference, features, future) =
            (nil, nil, nil, nil, nil, nil, nil, nil)
    }

    /// How many rows it needs before the first row that it gives.
    package var warmUp: Int { (movingAverage ?? 1) - 1 + (difference?.warmUp ?? 0) + (features?.warmUp ?? 0) }

    /// Whether complete rows are scaled, and nothing else is done to them.
    var onlyScales: Bool {
        clip == nil && movingAverage == nil && transform == nil && difference == nil && features == nil
            && (future?.addedToWindow ?? 0) == 0
    }

    /// What a yardstick does to rows: as much as says what is forecast, and what its errors are measured in, without
    /// what is done for the model's sake.
    var measuring: PreprocessorSettings {
        var settings = PreprocessorSettings(scaler: scaler.kind == .none ? .none : .standard)
        (settings.resample, settings.movingAverage, settings.missing) = (resample, movingAverage, missing)
        settings.seasonLength = fill?.seasons.first?.count ?? 1
        return settings
    }

    /// Throws unless the state, which may come from a file, fits columns, targets and a model's channels.
    func validate(columns: Int, model shape: WindowShape) throws(ForecastingError) {
        let (targets, channels) = (shape.targets, shape.channels)
        try features?.validate()
        try future?.validate(columns: columns, targets: targets)
        let scaled = columns + targets * (features?.countByTarget ?? 0)
        let wanted = scaled + (future?.addedToWindow ?? 0)
        guard channels == wanted, scaler.centers.count == scaled else {
            throw .invalidModel(
                reason:
                    "\(columns) columns that make \(wanted) channels, a scaler of \(scaler.centers.count) and a model "
                    + "of \(channels) do not fit each other"
            )
        }
        guard shape.future == future?.count ?? 0 else {
            throw .invalidModel(
                reason: "\(future?.count ?? 0) channels of rows to come, for a model that is told \(shape.future)"
            )
        }
        guard (2...WindowShape.largestLength).contains(movingAverage ?? 2) else {
            throw .invalidModel(reason: "a moving average of \(movingAverage ?? 0) rows")
        }
        try fill?.validate(missing, columns: columns)
        try clip?.validate(columns: columns)
        try transform?.validate(targets: targets)
        try difference?.validate()
    }
}

extension Preprocessor: Codable {
    private enum CodingKeys: String, CodingKey {
        case resample, missing, fill, clip, movingAverage, transform, difference, features, future, scaler
    }
}

// MARK: Forward and back

extension Preprocessor {
    /// What a model sees of some rows, and what its forecasts are put back with.
    struct Window {
        /// By channel; each has `warmUp` values less than there were rows.
        var channels: [[Double]]
        /// By target: the last values before differences were taken, as many as these look back.
        var tails: [[Double]]
    }

    /// The rows as a model sees them.
    /// - Throws: `ForecastingError`: `notPositive`, `invalidHistory`.
    func window(_ rows: RawRows) throws(ForecastingError) -> Window {
        let complete = try filled(rows)
        let smooth = Self.smoothed(clip?.clipped(complete) ?? complete, movingAverage, rows.targets)
        let levels = try Self.levels(smooth, transform, rows)
        let channels = Self.channels(levels, difference, features, future, rows.targets)
        return Window(
            channels: channels.enumerated().map { scaler.scaled($1, column: $0) } + (try calendarChannels(rows)),
            tails: levels.prefix(rows.targets).map { Array($0.suffix(difference?.warmUp ?? 0)) }
        )
    }

    /// By channel, the rows as a model sees them in training; each has `warmUp` values less than there are rows.
    /// - Throws: `ForecastingError`: `notPositive`, `invalidHistory`.
    package func channels(_ rows: RawRows) throws(ForecastingError) -> [[Double]] { try window(rows).channels }

    /// The columns without a missing value, in original units.
    /// - Throws: `ForecastingError.invalidHistory`.
    package func filled(_ rows: RawRows) throws(ForecastingError) -> [[Double]] {
        try fill?.filled(rows, missing) ?? rows.columns
    }

    /// By target, what forecasts are forecasts of and are measured by: the values, or their moving average. They are
    /// filled, but not cut off. Each has `movingAverage - 1` values less than there are rows.
    /// - Throws: `ForecastingError.invalidHistory`.
    package func measured(_ rows: RawRows) throws(ForecastingError) -> [[Double]] {
        Array(Self.smoothed(try filled(rows), movingAverage, rows.targets).prefix(rows.targets))
    }

    /// A target's forecast in original units, from one in the model's.
    func restored(_ forecast: [Double], target: Int, after tail: [Double]) -> [Double] {
        let (center, scale) = (scaler.centers[target], scaler.scales[target])
        let values = forecast.map { $0 * scale + center }
        let levels = difference?.inverted(values, after: tail) ?? values
        guard let transform else { return levels }
        return levels.map { transform.inverted($0, target: target) }
    }

    /// The trailing means of the targets, and the other columns without the rows that have none.
    private static func smoothed(_ columns: [[Double]], _ length: Int?, _ targets: Int) -> [[Double]] {
        guard let length else { return columns }
        return columns.enumerated().map { index, column in
            index < targets ? TrailingWindow.means(column, length) : Array(column.dropFirst(length - 1))
        }
    }

    private static func levels(
        _ columns: [[Double]],
        _ transform: PowerTransform?,
        _ rows: RawRows
    ) throws(ForecastingError) -> [[Double]] {
        guard let transform else { return columns }
        var result = columns
        for target in 0..<rows.targets {
            result[target] = try transform.applied(columns[target], target: target, of: rows)
        }
        return result
    }

    /// Differences and features, all beginning with the first row that has them. The columns that are known ahead are the
    /// last ones, with features, too.
    private static func channels(
        _ columns: [[Double]],
        _ difference: Differencing?,
        _ features: HistoryFeatures?,
        _ future: FutureChannels?,
        _ targets: Int
    ) -> [ArraySlice<Double>] {
        var result = columns
        if let difference {
            result = columns.enumerated().map { index, column in
                index < targets ? difference.applied(column) : Array(column.dropFirst(difference.warmUp))
            }
        }
        guard let features else { return result.map { $0[...] } }
        let added = result.prefix(targets).flatMap { features.channels(of: $0) }
        let own = result.map { $0.dropFirst(features.warmUp) }
        let known = future?.columns ?? 0
        return own.dropLast(known) + added + own.suffix(known)
    }
}
