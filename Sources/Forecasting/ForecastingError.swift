// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Everything that can go wrong with data, models and artifacts, said so that a person can act on it.
///
/// Rows are counted from 1 as data rows (a header does not count); times are UTC.
package enum ForecastingError: Error, Equatable, CustomStringConvertible {
    // Data
    case invalidFrequency(text: String)
    case invalidFrame(reason: String)
    case columnNotFound(name: String, available: [String])
    case timestampOutOfRange(row: Int)
    case unsortedRows(row: Int, time: String, previous: String)
    case duplicateTimestamp(row: Int, time: String)
    case offGrid(row: Int, time: String, frequency: String, first: String)
    case gap(row: Int, after: String, time: String, missingRows: Int, frequency: String)
    case tooManyRows(rows: Int, limit: Int, frequency: String)
    case missingValue(row: Int, time: String, column: String)
    case leadingMissingValue(row: Int, time: String, column: String)
    case notFinite(row: Int, time: String, column: String)
    case columnWithoutValues(name: String, rows: Int)
    case notPositive(row: String, column: String, value: Double, transform: String)
    case tooFewRows(part: String, rows: Int, lookback: Int, horizon: Int)
    case unknownFuture(column: String, rows: Int, needed: Int, last: String)
    case invalidSplit(reason: String)
    case tooFewWindows(windows: Int, strideSteps: Int, possible: Int, rows: Int, horizon: Int)
    case tooFewErrors(percent: Double, needed: Int, windows: Int, rows: Int, horizon: Int)
    // Models
    case incomparable(reason: String)
    case invalidShape(reason: String)
    case fitFailed(model: String, reason: String)
    case incompatibleWeights(WeightFaults)
    case diverged(model: String, epoch: Int, rate: Double, kept: String?)
    case invalidModel(reason: String)
    case invalidHistory(reason: String)
    // Files and artifacts
    case invalidSafetensors(reason: String)
    case invalidManifest(path: String, reason: String)
    case invalidName(kind: String, value: String)
    case invalidModelPath(String)
    case artifactNotFound(path: String)
    case artifactDigestMismatch(file: String, expected: String, actual: String)
    case artifactExists(path: String)
    case fileSystem(operation: String, path: String, reason: String)
    case storeUnreachable(reason: String)
    case storeRefused(reason: String)
    case storeCredentialsRejected(reason: String)
    case digestUnavailable
    case unusableSegment(reason: String)
    /// What is wrong with one of several series, which the label names: `store=north, item=12`.
    indirect case inSeries(label: String, ForecastingError)

    package var description: String {
        if case .inSeries(let label, let error) = self { return "series \(label): \(error)" }
        return dataDescription ?? modelDescription ?? artifactDescription
    }

    private var dataDescription: String? {
        switch self {
        case .invalidFrequency(let text):
            "frequency '\(text)' is none: write a whole number from 1 to \(Frequency.largestCount) and one of s, min, h, d, "
                + "w, mo, y, for instance 10min or 1h"
        case .invalidFrame(let reason):
            "the table is not valid: \(reason)"
        case .columnNotFound(let name, let available):
            "column '\(name)' is not in the data; it has \(available.joined(separator: ", "))"
        case .timestampOutOfRange(let row):
            "row \(row): the timestamp is outside of the years 1 to 9999; check its unit (seconds, milliseconds)"
        case .unsortedRows(let row, let time, let previous):
            "row \(row): \(time) comes after \(previous); sort the rows by time"
                + ", and write local times with their UTC offset: an hour repeats when clocks go back"
        case .duplicateTimestamp(let row, let time):
            "row \(row): \(time) is there twice; remove the duplicates, or set preprocess.resample"
                + ", and write local times with their UTC offset: an hour repeats when clocks go back"
        case .offGrid(let row, let time, let frequency, let first):
            "row \(row): \(time) is not a whole number of steps of \(frequency) after the first row (\(first)); "
                + "set preprocess.resample or correct series.frequency"
        case .gap(let row, let after, let time, let missingRows, let frequency):
            "row \(row): \(missingRows) row(s) of \(frequency) are missing between \(after) and \(time); "
                + "set preprocess.missing to what shall fill them, or complete the data"
        case .tooManyRows(let rows, let limit, let frequency):
            "filling the gaps would make \(rows) rows of \(frequency), more than \(limit); correct series.frequency"
        case .missingValue(let row, let time, let column):
            "row \(row) (\(time)): column '\(column)' has no value; set preprocess.missing to what shall fill it, or "
                + "complete the data"
        case .leadingMissingValue(let row, let time, let column):
            "row \(row) (\(time)): column '\(column)' has no value before its first one, so there is nothing to fill "
                + "from; start the query later, leave the column out, or set preprocess.missing to Mean or Seasonal"
        case .notFinite(let row, let time, let column):
            "row \(row) (\(time)): column '\(column)' is infinite; correct the value or leave it empty"
        case .columnWithoutValues(let name, let rows):
            "column '\(name)' has no value in the \(rows) rows that gaps are filled from; give more data or leave it out"
        case .notPositive(let row, let column, let value, let transform):
            "\(row): column '\(column)' is \(value), and preprocess.transform \(transform) needs values above 0; leave the "
                + "transform out or correct the data"
        case .tooFewRows(let part, let rows, let lookback, let horizon):
            "\(part) has \(rows) rows, but lookback \(lookback) + horizon \(horizon) need at least "
                + "\(lookback + horizon); give more data, or shorten model.lookback, model.horizon or what preprocess looks back"
        case .unknownFuture(let column, let rows, let needed, let last):
            "column '\(column)' is known for \(rows) of the \(needed) rows behind \(last), the last row with a target, and the "
                + "forecast needs them all; let the source go on with these rows, their targets empty, or take the column out of "
                + "series.futureCovariates"
        case .invalidSplit(let reason):
            "the split is not valid: \(reason)"
        case .tooFewWindows(let windows, let strideSteps, let possible, let rows, let horizon):
            "backtest.windows asks for \(windows) windows, \(strideSteps) row(s) apart, but the test part's \(rows) rows "
                + "hold \(possible) of horizon \(horizon); lower windows or strideSteps, or leave split more test rows"
        case .tooFewErrors(let percent, let needed, let windows, let rows, let horizon):
            "spec.intervals: a level of \(IntervalLevels.text(percent)) % has to be founded on at least \(needed) forecasts of the validation "
                + "part, and "
                + (rows == 0
                    ? "the split has none; give spec.split a validation part, or leave spec.intervals out"
                    : "its \(rows) rows hold \(windows) of horizon \(horizon); give spec.split more validation rows, or "
                        + "lower spec.intervals.levels")
        default:
            nil
        }
    }

    private var modelDescription: String? {
        switch self {
        case .incomparable(let reason):
            "it cannot be compared: \(reason)"
        case .invalidShape(let reason):
            "the model's shape is not valid: \(reason)"
        case .fitFailed(let model, let reason):
            "\(model) could not be fitted: \(reason)"
        case .incompatibleWeights(let faults):
            "the weights are not those of the specified model: \(faults); check model and series against what was trained"
        case .diverged(let model, let epoch, let rate, let kept):
            "\(model)'s loss is not finite any more in epoch \(epoch), at learning rate \(rate); lower "
                + "training.learningRate, or set training.gradientClip" + (kept.map { "; \($0)" } ?? "")
        case .invalidModel(let reason):
            "the stored model is not valid: \(reason)"
        case .invalidHistory(let reason):
            "the history is not valid: \(reason)"
        default:
            nil
        }
    }

    private var artifactDescription: String {
        switch self {
        case .invalidSafetensors(let reason):
            "the safetensors file is not valid: \(reason)"
        case .invalidManifest(let path, let reason):
            "\(path) is not valid: \(reason)"
        case .invalidName(let kind, let value):
            "\(kind) '\(value.prefix(64))' is not a name of at most 253 letters, digits, '-', '_' and '.' "
                + "that begins with a letter or digit"
        case .invalidModelPath(let path):
            "the model '\(path)' must be models/<namespace>/<pipeline>/<version> below its store, and for a bucket begin with it"
        case .artifactNotFound(let path):
            "there is no artifact at \(path); check the version and the store's root, or train and publish one"
        case .artifactDigestMismatch(let file, let expected, let actual):
            "\(file) has digest \(actual), but its manifest says \(expected): the file was damaged or replaced; "
                + "restore it, or train and publish a new version"
        case .artifactExists(let path):
            "\(path) exists with different content; versions never change, so publish under a new version"
        case .fileSystem(let operation, let path, let reason):
            "\(operation) \(path): \(reason)"
        case .storeUnreachable(let reason), .storeRefused(let reason), .storeCredentialsRejected(let reason):
            "the store cannot be used: \(reason)"
        case .digestUnavailable:
            "OpenSSL gives no SHA-256; check its installation"
        case .unusableSegment(let reason):
            "the remembered forecasts cannot be used: \(reason)"
        default:
            "forecasting error"
        }
    }
}
