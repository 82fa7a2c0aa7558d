// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import KubeCore

/// Which rows train, validate and test, in time order: by shares, by dates or by numbers of rows.
package struct SplitSpec: Codable, Sendable, Equatable {
    /// Share that the model is fitted on, above 0; the rest is the test part. Default 0.7, without dates and borders.
    package var train: Double?
    /// Share kept for choosing between models, 0 or more. Default 0.1, without dates and borders.
    package var validation: Double?
    /// The times at which the parts begin.
    package var dates: SplitDatesSpec?
    /// The numbers of rows of the parts.
    package var borders: SplitBordersSpec?

    /// The default of `train`.
    package static let defaultTrain = 0.7
    /// The default of `validation`.
    package static let defaultValidation = 0.1

    /// Makes a split.
    package init(
        train: Double? = nil,
        validation: Double? = nil,
        dates: SplitDatesSpec? = nil,
        borders: SplitBordersSpec? = nil
    ) {
        self.train = train
        self.validation = validation
        self.dates = dates
        self.borders = borders
    }

    /// Whether the parts are shares of the rows.
    private var isByShares: Bool { dates == nil && borders == nil }

    /// What the fields contradict.
    func check(_ check: inout SpecCheck) {
        let shares = train != nil || validation != nil
        if [shares, dates != nil, borders != nil].count(where: \.self) > 1 {
            check.add("spec.split", "must hold exactly one of shares (train, validation), dates and borders")
        }
        dates?.check(&check)
        borders?.check(&check)
        guard isByShares else { return }
        let (train, validation) = (train ?? Self.defaultTrain, validation ?? Self.defaultValidation)
        if !(train > 0 && train < 1) { check.add("spec.split.train", "must be above 0 and below 1") }
        if !(validation >= 0 && validation < 1) { check.add("spec.split.validation", "must be at least 0 and below 1") }
        if train + validation >= 1 {
            check.add("spec.split", "train and validation must leave rows to test on: their sum must be below 1")
        }
    }
}

/// The times at which parts of the data begin; rows before the first one train.
package struct SplitDatesSpec: Codable, Sendable, Equatable {
    /// The first time of the validation part; without it there is none.
    package var validationFrom: String?
    /// The first time of the test part, which goes to the end of the data.
    package var testFrom: String

    /// Makes dates, each an RFC 3339 time or a date, which is its midnight in UTC.
    package init(validationFrom: String? = nil, testFrom: String) {
        self.validationFrom = validationFrom
        self.testFrom = testFrom
    }

    /// The instant of a text such as `2017-06-26` or `2017-06-26T00:00:00+02:00`; nil where it is none.
    package static func instant(_ text: String) -> Date? {
        KubeTime.parse(text.utf8.count == 10 ? text + "T00:00:00Z" : text)
    }

    fileprivate func check(_ check: inout SpecCheck) {
        var previous: Date?
        for (name, text) in [("validationFrom", validationFrom), ("testFrom", testFrom)] {
            guard let text else { continue }
            guard let instant = Self.instant(text) else {
                check.add("spec.split.dates.\(name)", "'\(text)' must be a date or a time such as 2017-06-26T00:00:00Z")
                continue
            }
            if let previous, instant <= previous {
                check.add("spec.split.dates.testFrom", "must be later than validationFrom")
            }
            previous = instant
        }
    }
}

/// The numbers of rows of the parts; rows behind them are not used.
package struct SplitBordersSpec: Codable, Sendable, Equatable {
    /// Rows that train, at least 1.
    package var train: Int
    /// Rows that validate, 0 or more.
    package var validation: Int
    /// Rows that test, at least 1.
    package var test: Int

    /// Makes borders.
    package init(train: Int, validation: Int, test: Int) {
        self.train = train
        self.validation = validation
        self.test = test
    }

    private static let largest = 20_000_000

    fileprivate func check(_ check: inout SpecCheck) {
        check.range("spec.split.borders.train", train, 1...Self.largest)
        check.range("spec.split.borders.validation", validation, 0...Self.largest)
        check.range("spec.split.borders.test", test, 1...Self.largest)
    }
}
