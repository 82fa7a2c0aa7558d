// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What an artifact says of itself: `manifest.json`, everything but the weights.
package struct ArtifactManifest: Hashable, Codable, Sendable {
    /// The model's kind, settings and shape.
    package struct Model: Hashable, Codable, Sendable {
        /// The kind and its settings.
        package let configuration: ModelConfiguration
        /// Lookback, horizon, and how many columns go in and come out.
        package let shape: WindowShape
    }

    /// The series that a forecast is made from and for.
    package struct Series: Hashable, Codable, Sendable {
        /// All columns of a history in their order, targets first.
        package let columns: [String]
        /// The step from row to row.
        package let frequency: Frequency
    }

    /// The series of a model that was fitted on several; what each has of its own lies beside the weights, in this order.
    package struct Groups: Hashable, Codable, Sendable {
        /// The grouping columns.
        package let groupBy: [String]
        /// The series, sorted.
        package let keys: [SeriesKey]
        /// Whether they share one model.
        package let scope: PanelScope
        /// The season of the naive forecast that their profiles tell of, in rows; nil where there are no profiles.
        package let seasonLength: Int?
    }

    /// The intervals round forecasts; their bounds lie beside the weights.
    package struct Intervals: Hashable, Codable, Sendable {
        /// The levels in percent, ascending.
        package let levels: [Double]
        /// How many forecasts the bounds were measured on, those of all series together.
        package let windows: Int
    }

    /// Where an artifact comes from.
    package struct Origin: Hashable, Codable, Sendable {
        /// The data that the model was fitted and evaluated on.
        package let data: DatasetReference
        /// When the artifact was made, as RFC 3339 in UTC.
        package let created: String
        /// The program that made it, with its version, for instance `almanac-worker 0.1.0`.
        package let producer: String
        /// The time of the last row that the model was fitted on, as RFC 3339 in UTC; nil where that is not known.
        package let trainedTo: String?
        /// By series, the same in seconds since 1970; nil where the data is not grouped, or the time is not known.
        package let trainedToBySeries: [Int64]?

        /// An origin; `created` comes from the caller's clock.
        package init(
            data: DatasetReference,
            created: String,
            producer: String,
            trainedTo: String? = nil,
            trainedToBySeries: [Int64]? = nil
        ) {
            self.data = data
            self.created = created
            self.producer = producer
            self.trainedTo = trainedTo
            self.trainedToBySeries = trainedToBySeries
        }
    }

    /// The version of this format. The first one knew of no preprocessing but gaps and scaling, the second of nothing that is
    /// known of rows to come, the third of one series alone, the fourth of no calendar but UTC's. All can still be read, and a
    /// model is written in the oldest one, from the second on, that holds all of it.
    package static let currentSchemaVersion = 5
    private static let schemaVersionOfUTC = 4
    private static let schemaVersionOfOneSeries = 3
    private static let schemaVersionWithoutFuture = 2
    /// The file's name.
    package static let fileName = "manifest.json"
    /// The name of the file with the weights.
    package static let weightsName = "weights.safetensors"

    /// The version of the format that the file is in.
    package let schemaVersion: Int
    /// The model's kind, settings and shape.
    package let model: Model
    /// The series that a forecast is made from and for.
    package let series: Series
    /// The series of a model that was fitted on several; nil where the data were not grouped.
    package let groups: Groups?
    /// What is done to the data before the model sees them. Where there are several series, it is that of the first one; the
    /// others do the same with numbers of their own.
    package let preprocessing: Preprocessor
    /// The intervals round forecasts; nil where there are none.
    package let intervals: Intervals?
    /// What the evaluation on the test rows found; nil when there was none.
    package let evaluation: EvaluationSummary?
    /// What later rows and forecasts are held against; nil in files that were written without it. Those of several series
    /// lie beside the weights (`Artifact.profiles`).
    package let profile: TrainingProfile?
    /// Where the artifact comes from.
    package let origin: Origin
    /// The digests of the other files by name.
    package let files: [String: String]
    /// A history to try the model with: its rows are those that a request must give, in original units.
    package let inputExample: [[Double]]
    /// The columns that must be known ahead, in the rows behind that history; nil where there are none.
    package let futureExample: [[Double]]?

    /// The file's bytes; the same manifest always gives the same bytes.
    /// - Throws: `ForecastingError.invalidManifest` when a number is not finite.
    package func encoded() throws(ForecastingError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(self))
        } catch {
            throw .invalidManifest(path: Self.fileName, reason: "it holds a number that is not finite (\(error))")
        }
    }

    /// Reads a file; `path` is for messages.
    /// - Throws: `ForecastingError.invalidManifest`.
    package init(decoding bytes: [UInt8], path: String) throws(ForecastingError) {
        struct Version: Decodable { let schemaVersion: Int }
        let decoder = JSONDecoder()
        let data = Data(bytes)
        guard let version = try? decoder.decode(Version.self, from: data).schemaVersion else {
            throw .invalidManifest(path: path, reason: "it is not a JSON object with a schemaVersion")
        }
        guard (1...Self.currentSchemaVersion).contains(version) else {
            throw .invalidManifest(
                path: path,
                reason: "its schema version is \(version), this program reads 1 to \(Self.currentSchemaVersion); "
                    + "use the program's version that wrote it, or a newer one"
            )
        }
        do {
            self = try decoder.decode(Self.self, from: data)
        } catch {
            throw .invalidManifest(path: path, reason: "\(error)")
        }
        let own = Self.version(model, groups, preprocessing)
        guard version == own || max(version, own) <= Self.schemaVersionOfOneSeries else {
            throw .invalidManifest(
                path: path,
                reason: "its schema version is \(version), and with groups or zones as it has them it must be \(own)"
            )
        }
    }

    /// The oldest version that holds all of a model, from the second on: a program that knows of no zones, no groups, or no
    /// future, must not forecast without them.
    private static func version(_ model: Model, _ groups: Groups?, _ preprocessing: Preprocessor) -> Int {
        if preprocessing.future?.calendar?.zone != nil { return currentSchemaVersion }
        if groups != nil { return schemaVersionOfUTC }
        return model.shape.future > 0 ? schemaVersionOfOneSeries : schemaVersionWithoutFuture
    }

    init(
        model: Model,
        series: Series,
        groups: Groups?,
        preprocessing: Preprocessor,
        intervals: Intervals?,
        evaluation: EvaluationSummary?,
        profile: TrainingProfile?,
        origin: Origin,
        files: [String: String],
        inputExample: [[Double]],
        futureExample: [[Double]]?
    ) {
        schemaVersion = Self.version(model, groups, preprocessing)
        self.model = model
        self.series = series
        self.groups = groups
        self.preprocessing = preprocessing
        self.intervals = intervals
        self.evaluation = evaluation
        self.profile = profile
        self.origin = origin
        self.files = files
        self.inputExample = inputExample
        self.futureExample = futureExample
    }

    /// Whether two manifests describe the same artifact: all but the time of making is equal.
    func describesSame(as other: ArtifactManifest) -> Bool {
        func timeless(_ manifest: ArtifactManifest) -> ArtifactManifest {
            let origin = Origin(
                data: manifest.origin.data,
                created: "",
                producer: manifest.origin.producer,
                trainedTo: manifest.origin.trainedTo,
                trainedToBySeries: manifest.origin.trainedToBySeries
            )
            return ArtifactManifest(
                model: manifest.model,
                series: manifest.series,
                groups: manifest.groups,
                preprocessing: manifest.preprocessing,
                intervals: manifest.intervals,
                evaluation: manifest.evaluation,
                profile: manifest.profile,
                origin: origin,
                files: manifest.files,
                inputExample: manifest.inputExample,
                futureExample: manifest.futureExample
            )
        }
        return timeless(self) == timeless(other)
    }
}
