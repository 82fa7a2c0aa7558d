// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Takes the errors of forecasts on the windows of one series, the same way for every model.
struct WindowMeter {
    /// What the forecasts of one model add up to.
    struct Tally {
        fileprivate(set) var errors: MetricsAccumulator
        fileprivate(set) var intervals: IntervalAccumulator?
        /// By window: the loss of the measure, NaN where it is not defined.
        fileprivate(set) var losses: [Double] = []
        /// The latest windows.
        fileprivate(set) var table: [BacktestReport.Window] = []
    }

    /// How many windows are forecast at a time where the model stays the same.
    private static let batchSize = 128

    let windows: RollingOrigin
    let targets: Int
    /// By target: what scaled units are divided by, the same for all models.
    let deviations: [Double]
    /// By target: what original units are divided by.
    let ones: [Double]
    /// By target: the in-sample error of the seasonal naive forecast, for MASE.
    let naiveErrors: [Double]
    private let frame: TimeSeriesFrame
    private let measure: Measure
    /// How many windows a table holds, the latest ones.
    private let tableSize: Int
    /// By target: what may be left of a forecast of zero, for models compute with 32 bits.
    private let negligible: [Double]
    /// By target: the true values, from the row `firstTruth` on.
    private let truth: [[Double]]
    private let firstTruth: Int
    /// The seasonal naive forecast; it fills gaps for models that were fitted on data without any, too.
    let naive: Forecaster

    /// Measures by what a naive forecaster, fitted on the train rows, forecasts.
    /// - Throws: `ForecastingError.invalidHistory` where a gap cannot be filled.
    init(
        naive: Forecaster,
        frame: TimeSeriesFrame,
        train: Range<Int>,
        windows: RollingOrigin,
        measure: Measure,
        tableSize: Int
    ) throws(ForecastingError) {
        self.frame = frame
        self.windows = windows
        self.measure = measure
        self.tableSize = tableSize
        self.naive = naive
        let (count, preprocessor) = (naive.shape.targets, naive.preprocessor)
        func measured(_ rows: Range<Int>) throws(ForecastingError) -> [[Double]] {
            try preprocessor.measured(RawRows(frame, rows, targets: count, frequency: naive.frequency))
        }
        targets = count
        // Just the rows of the windows: there may be thousands of series.
        truth = try measured(0..<frame.rowCount).map { Array($0[(windows.first - preprocessor.warmUp)...]) }
        firstTruth = windows.first
        deviations = preprocessor.scaler.scales
        ones = [Double](repeating: 1, count: deviations.count)
        let trained = try measured(train)
        negligible = trained.map { column in
            4 * Double(Float.ulpOfOne) * column.reduce(0) { max($0, abs($1)) }
        }
        naiveErrors = trained.map { Self.inSampleError($0[...], naive.shape.lookback) }
    }

    /// The mean of |y[t] - y[t - season]|; 0 when there are too few rows.
    static func inSampleError(_ values: ArraySlice<Double>, _ seasonLength: Int) -> Double {
        let count = values.count - seasonLength
        guard count > 0 else { return 0 }
        let sum = zip(values.dropFirst(seasonLength), values).reduce(0) { $0 + abs($1.0 - $1.1) }
        return sum / Double(count)
    }

    /// A tally without windows.
    var emptyTally: Tally {
        Tally(errors: MetricsAccumulator(horizon: windows.horizon, targets: targets, negligible: negligible))
    }

    /// Forecasts all windows with one model.
    func tally(of model: Forecaster) throws(ForecastingError) -> Tally {
        var tally = emptyTally
        tally.losses.reserveCapacity(windows.count)
        for start in stride(from: 0, to: windows.count, by: Self.batchSize) {
            try add(start..<min(start + Self.batchSize, windows.count), by: model, to: &tally)
        }
        return tally
    }

    /// Forecasts the windows that follow those of a tally.
    func add(_ range: Range<Int>, by model: Forecaster, to tally: inout Tally) throws(ForecastingError) {
        let truth = range.flatMap(trueValues)
        var history: [Double] = []
        var ahead: [Double] = []
        for window in range {
            history += try rowsBefore(window, of: model)
            ahead += try rowsAhead(window, of: model)
        }
        let ends = range.map { frame.timestamps[windows.origin($0) - 1] }
        let forecasts = try model.forecast(history: history, future: ahead, ends: ends, batch: range.count)
        tally.errors.add(forecasts: forecasts, truth: truth, batch: range.count)
        if tally.intervals == nil { tally.intervals = model.intervals.map(IntervalAccumulator.init) }
        tally.intervals?.add(forecasts: forecasts, truth: truth)
        let width = windows.horizon * targets
        for window in range {
            let cells = ((window - range.lowerBound) * width)..<((window - range.lowerBound + 1) * width)
            let errors = errors(forecasts: forecasts[cells], truth: truth[cells])
            let judged = metrics(errors, isScaled: measure.isScaled)
            tally.losses.append(judged.loss(measure.metric) ?? .nan)
            guard window >= windows.count - tableSize else { continue }
            let other = metrics(errors, isScaled: !measure.isScaled)
            let origin = windows.origin(window)
            tally.table.append(
                BacktestReport.Window(
                    origin: origin,
                    from: frame.timestamps[origin],
                    to: frame.timestamps[origin + windows.horizon - 1],
                    original: measure.isScaled ? other : judged,
                    scaled: measure.isScaled ? judged : other
                )
            )
        }
    }

    /// The errors of one window, [horizon x targets].
    private func errors(forecasts: ArraySlice<Double>, truth: ArraySlice<Double>) -> MetricsAccumulator {
        // One window of many steps has the same errors as many windows of one step.
        var window = MetricsAccumulator(horizon: 1, targets: targets, negligible: negligible)
        window.add(forecasts: Array(forecasts), truth: Array(truth), batch: windows.horizon)
        return window
    }

    private func metrics(_ errors: MetricsAccumulator, isScaled: Bool) -> ForecastMetrics {
        errors.metrics(deviations: isScaled ? deviations : ones, naiveErrors: naiveErrors)
    }

    /// What a model is shown of the rows before a window, [historyRows x columns], row-major.
    private func rowsBefore(_ window: Int, of model: Forecaster) throws(ForecastingError) -> [Double] {
        let origin = windows.origin(window)
        let rows = (origin - model.historyRows)..<origin
        guard model.preprocessor.fill == nil, naive.preprocessor.fill != nil else { return frame.rowMajor(rows) }
        let raw = RawRows(frame, rows, targets: targets, frequency: naive.frequency)
        let columns = try naive.preprocessor.filled(raw)
        return rows.indices.flatMap { row in columns.map { $0[row - rows.lowerBound] } }
    }

    /// What a model is told of the rows of a window, [horizon x columns that are known ahead], row-major.
    private func rowsAhead(_ window: Int, of model: Forecaster) throws(ForecastingError) -> [Double] {
        let known = model.historyShape.future
        guard known > 0 else { return [] }
        let origin = windows.origin(window)
        var rows = origin..<(origin + windows.horizon)
        var columns = frame.columns.suffix(known).map { Array($0[rows]) }
        if model.preprocessor.fill == nil, naive.preprocessor.fill != nil {
            // Targets are filled, too, and not looked at.
            rows = (origin - model.historyRows)..<rows.upperBound
            let filled = try naive.preprocessor.filled(
                RawRows(frame, rows, targets: targets, frequency: naive.frequency)
            )
            columns = filled.suffix(known).map { Array($0.suffix(windows.horizon)) }
        }
        return (0..<windows.horizon).flatMap { row in columns.map { $0[row] } }
    }

    /// [horizon x targets], row-major.
    private func trueValues(of window: Int) -> [Double] {
        let first = windows.origin(window) - firstTruth
        return (first..<(first + windows.horizon)).flatMap { row in truth.map { $0[row] } }
    }
}
