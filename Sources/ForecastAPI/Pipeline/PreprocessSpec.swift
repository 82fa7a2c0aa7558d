// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What is done to the data before a model sees it; the steps are done in the order of these fields.
///
/// What a step learns from data, it learns from the training rows. It is kept with the model, and serving repeats it.
package struct PreprocessSpec: Codable, Sendable, Equatable {
    /// Makes one row of all rows within a step of `series.frequency`; without it rows must lie on that grid.
    package var resample: ResampleMethod?
    /// What happens where rows or values are missing. Default `Fail`.
    package var missing: MissingPolicy?
    /// Cuts off what lies far from the bulk of a column; without it nothing.
    package var outliers: OutlierSpec?
    /// The targets become the mean of their last so many rows, 2 to 10000; forecasts and their errors are of that mean.
    package var movingAverage: Int?
    /// Takes the targets to another scale; forecasts are taken back.
    package var transform: Transform?
    /// The targets become their differences; forecasts are added up again.
    package var difference: DifferenceSpec?
    /// Channels with the targets of so many rows before, each 1 to 10000; only Informer uses them.
    package var lags: [Int]?
    /// Channels with statistics of the targets' last rows; only Informer uses them.
    package var rolling: [RollingSpec]?
    /// How columns are scaled; fitted on the training rows only. Default `Standard`.
    package var scaler: ScalerKind?
    /// Cycles of the calendar that a model is told of for each row that it forecasts.
    package var calendar: [CalendarCycle]?
    /// Days of which a model is told for each row that it forecasts whether it is one of them.
    package var holidays: HolidaysSpec?
    /// The IANA time zone that the calendar and holidays count in; nil for `series.timeZone`, or UTC where that is nil, too.
    package var timeZone: String?

    /// What becomes of the values within a step.
    package enum ResampleMethod: String, Codable, Sendable, CaseIterable {
        case mean = "Mean"
        case sum = "Sum"
        case last = "Last"
        case min = "Min"
        case max = "Max"
    }

    /// What happens where rows or values are missing.
    package enum MissingPolicy: String, Codable, Sendable, CaseIterable {
        /// The run fails and names the first gap.
        case fail = "Fail"
        /// The last value before the gap is repeated.
        case forwardFill = "ForwardFill"
        /// A straight line joins both sides of the gap.
        case interpolate = "Interpolate"
        /// The mean of the column's training rows.
        case mean = "Mean"
        /// The mean of the column's training rows at the same place in the season.
        case seasonal = "Seasonal"
    }

    /// The targets' transforms.
    package enum Transform: String, Codable, Sendable, CaseIterable {
        /// The natural logarithm.
        case log = "Log"
        /// Box-Cox, its lambda fitted on the training rows.
        case boxCox = "BoxCox"
    }

    /// How columns are scaled.
    package enum ScalerKind: String, Codable, Sendable, CaseIterable {
        /// Mean 0 and standard deviation 1 over the training rows.
        case standard = "Standard"
        /// The training rows' least value becomes 0, their largest 1.
        case minMax = "MinMax"
        /// Median 0 and interquartile range 1 over the training rows.
        case robust = "Robust"
        /// The training rows' largest absolute value becomes 1.
        case maxAbs = "MaxAbs"
        /// Left as it is.
        case none = "None"
    }

    /// Makes a preprocessing specification.
    package init(missing: MissingPolicy? = nil, scaler: ScalerKind? = nil) {
        self.missing = missing
        self.scaler = scaler
    }

    /// The block with each default of the CRD filled in.
    package func withDefaults() -> Self {
        var filled = self
        filled.missing = missing ?? .fail
        filled.scaler = scaler ?? .standard
        filled.outliers?.factor = outliers?.factor ?? OutlierSpec.defaultFactor
        filled.difference?.order = difference?.order ?? 1
        return filled
    }

    /// What the fields contradict.
    func check(_ check: inout SpecCheck, model: ModelSpec, series: SeriesSpec) {
        let field = "spec.preprocess"
        check.range("\(field).movingAverage", movingAverage, 2...10_000)
        if let factor = outliers?.factor, !(factor > 0 && factor <= 1_000) {
            check.add("\(field).outliers.factor", "must be above 0 and at most 1000")
        }
        if let difference {
            check.range("\(field).difference.order", difference.order, 0...2)
            check.range("\(field).difference.seasonLength", difference.seasonLength, 2...10_000)
            if difference.order == 0, difference.seasonLength == nil {
                check.add("\(field).difference", "must hold an order above 0, a seasonLength or both")
            }
        }
        checkFeatures(&check, field)
        checkCalendar(&check, model: model, step: series.leastStep)
        checkTimeZone(&check, step: series.leastStep)
        guard model.informer == nil else { return }
        for (name, isUsed) in [("lags", lags?.isEmpty == false), ("rolling", rolling?.isEmpty == false)] where isUsed {
            check.add("\(field).\(name)", "are used by informer alone; leave them out or choose that model")
        }
    }

    private func checkFeatures(_ check: inout SpecCheck, _ field: String) {
        for (index, lag) in (lags ?? []).enumerated() { check.range("\(field).lags[\(index)]", lag, 1...10_000) }
        if Set(lags ?? []).count != lags?.count ?? 0 { check.add("\(field).lags", "must name each lag once") }
        for (index, statistic) in (rolling ?? []).enumerated() {
            check.range("\(field).rolling[\(index)].window", statistic.window, 2...10_000)
        }
        for (name, count) in [("lags", lags?.count), ("rolling", rolling?.count)] where count ?? 0 > 32 {
            check.add("\(field).\(name)", "must be at most 32")
        }
    }
}

/// How far a value may lie from the bulk of its column.
package struct OutlierSpec: Codable, Sendable, Equatable {
    /// How the limits are found.
    package var clip: Rule
    /// How far away they lie, above 0 and at most 1000. Default 3.
    package var factor: Double?

    /// How limits are found.
    package enum Rule: String, Codable, Sendable, CaseIterable {
        /// `factor` interquartile ranges beyond the quartiles.
        case iqr = "IQR"
        /// `factor` robust standard deviations from the median.
        case mad = "MAD"
    }

    /// The default of `factor`.
    package static let defaultFactor = 3.0

    /// Makes a rule.
    package init(clip: Rule, factor: Double? = nil) {
        self.clip = clip
        self.factor = factor
    }
}

/// Which differences are taken.
package struct DifferenceSpec: Codable, Sendable, Equatable {
    /// How often the value before is subtracted, 0 to 2. Default 1.
    package var order: Int?
    /// Before that, the value so many rows ago is subtracted once, 2 to 10000.
    package var seasonLength: Int?

    /// Makes differences.
    package init(order: Int? = nil, seasonLength: Int? = nil) {
        self.order = order
        self.seasonLength = seasonLength
    }
}

/// A statistic of the last rows.
package struct RollingSpec: Codable, Sendable, Equatable {
    /// The statistic.
    package var function: Function
    /// Over how many rows, the present one included, 2 to 10000.
    package var window: Int

    /// The statistics.
    package enum Function: String, Codable, Sendable, CaseIterable {
        case mean = "Mean"
        case std = "Std"
        case min = "Min"
        case max = "Max"
    }

    /// Makes a statistic.
    package init(function: Function, window: Int) {
        self.function = function
        self.window = window
    }
}
