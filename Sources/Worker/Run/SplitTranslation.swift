// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation

extension ForecastPipelineSpec {
    /// Which rows train, validate and test.
    ///
    /// - Parameter historyRows: That of this specification, which is asked for once and not for each series.
    /// - Throws: `ForecastingError`: `invalidSplit`, which names the field, or `tooFewRows`.
    func dataSplit(_ timestamps: [Int64], historyRows: Int) throws -> DataSplit {
        let (lookback, horizon) = (historyRows, model.horizon)
        func parts(train: Int, validation: Int, test: Int) throws -> DataSplit {
            try DataSplit(
                trainEnd: train,
                validationEnd: validation,
                testEnd: test,
                lookback: lookback,
                horizon: horizon
            )
        }
        if let dates = split?.dates {
            let test = try row(of: dates.testFrom, "testFrom", timestamps)
            let validation = try dates.validationFrom.map { try row(of: $0, "validationFrom", timestamps) }
            return try parts(train: validation ?? test, validation: test, test: timestamps.count)
        }
        if let borders = split?.borders {
            let validation = borders.train + borders.validation
            let test = validation + borders.test
            guard test <= timestamps.count else {
                throw ForecastingError.invalidSplit(
                    reason: "spec.split.borders ask for \(test) rows, but the data has \(timestamps.count)"
                )
            }
            return try parts(train: borders.train, validation: validation, test: test)
        }
        let (train, validation) = shares
        return try DataSplit(
            rows: timestamps.count,
            train: train,
            validation: validation,
            lookback: lookback,
            horizon: horizon
        )
    }

    /// Which share of a series' train and validation rows a model that is fitted anew holds back to validate.
    func validationShare(_ split: DataSplit, historyRows: Int) -> Double {
        if self.split?.dates == nil, self.split?.borders == nil {
            let (train, validation) = shares
            return validation / (train + validation)
        }
        let validation = split.validation.isEmpty ? 0 : split.validation.count - historyRows
        return Double(validation) / Double(split.train.count + validation)
    }

    private var shares: (train: Double, validation: Double) {
        (split?.train ?? SplitSpec.defaultTrain, split?.validation ?? SplitSpec.defaultValidation)
    }

    /// The first row at or behind a date of the split.
    private func row(of text: String, _ name: String, _ timestamps: [Int64]) throws -> Int {
        guard let date = SplitDatesSpec.instant(text) else {
            throw WorkerError.invalidSpec(problems: "spec.split.dates.\(name): '\(text)' must be a date or a time")
        }
        let seconds = Int64(date.timeIntervalSince1970.rounded(.up))
        // Rows ascend.
        let row = timestamps.partitioned { $0 >= seconds }
        guard row > 0, row < timestamps.count else {
            let ends = [timestamps.first, timestamps.last].compactMap { $0 }
            let span = ends.map { UTCTime(seconds: $0).description }.joined(separator: " to ")
            throw ForecastingError.invalidSplit(
                reason:
                    "spec.split.dates.\(name) \(text) must lie behind the first row and not behind the last; the data "
                    + "goes from \(span)"
            )
        }
        return row
    }
}

extension [Int64] {
    /// The first index whose element and all behind it hold; where none does, the number of elements.
    fileprivate func partitioned(_ holds: (Int64) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
