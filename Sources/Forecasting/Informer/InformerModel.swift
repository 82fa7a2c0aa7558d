// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A fitted Informer with what it needs to know of times.
package struct InformerModel: ForecastModel {
    package let shape: WindowShape
    private let network: InformerConfiguration
    private let training: InformerTraining
    package let tensors: [NamedTensor]
    private let frequency: Frequency
    private let marks: TimeMarks
    private let predictors: InformerPredictorPool

    /// A model from its parameters, under the reference's names.
    /// - Throws: `ForecastingError`: `invalidShape`, or `invalidModel` where window, times or tensors do not fit.
    package init(
        _ network: InformerConfiguration,
        _ training: InformerTraining,
        tensors: [NamedTensor],
        shape: WindowShape,
        frequency: Frequency,
        calls: Int = 1
    ) throws(ForecastingError) {
        let marks = TimeMarks(frequency, network.embedding)
        try Self.requireFit(network, shape, marks)
        self.shape = shape
        self.network = network
        self.training = training
        self.tensors = tensors
        self.frequency = frequency
        self.marks = marks
        predictors = try InformerPredictorPool(network, tensors: tensors, calls: calls)
    }

    /// Trains a model.
    ///
    /// Long: call it off the cooperative pool.
    /// - Throws: `ForecastingError`: `invalidShape`, `invalidModel`, and what `InformerFit` throws.
    static func fit(
        _ network: InformerConfiguration,
        _ training: InformerTraining,
        shape: WindowShape,
        _ data: TrainingData,
        _ context: FitContext
    ) throws(ForecastingError) -> (model: InformerModel, training: TrainingSummary) {
        let marks = TimeMarks(data.frequency, network.embedding)
        try requireFit(network, shape, marks)
        let windows = InformerWindows(
            network,
            segments: data.segments.map { ($0.columns, marks.values($0.timestamps)) }
        )
        let fit = try InformerFit(
            network,
            training,
            windows: windows,
            train: data.segments.map(\.train),
            validation: data.segments.map(\.validation),
            context
        )
        let model = try InformerModel(
            network,
            training,
            tensors: fit.tensors,
            shape: shape,
            frequency: data.frequency
        )
        return (model, fit.summary)
    }

    package var configuration: ModelConfiguration { .informer(network: network, training: training) }

    package var usesTimes: Bool { true }

    /// Each parameter is used about once a row.
    package var work: Int { network.parameterCount * shape.lookback }

    package func predict(
        _ windows: Span<Float>,
        future: Span<Float>,
        ends: Span<Int64>,
        batch: Int,
        into output: inout MutableSpan<Float>
    ) {
        checkSizes(windows: windows.count, future: future.count, batch: batch, output: output.count)
        precondition(ends.count == batch, "predict: \(ends.count) times for \(batch) windows")
        var instants: [Int64] = []
        instants.reserveCapacity(batch * (shape.lookback + shape.horizon))
        for window in ends.indices {
            for step in (1 - shape.lookback)...shape.horizon {
                // The caller has checked that all of these can be told.
                instants.append(frequency.instant(step, after: ends[window]) ?? ends[window])
            }
        }
        let marks = marks.values(instants)
        let predictor = predictors.borrow()
        predictor.predict(windows, future: future, marks: marks.span, batch: batch, into: &output)
        predictors.giveBack(predictor)
    }

    private static func requireFit(
        _ network: InformerConfiguration,
        _ shape: WindowShape,
        _ marks: TimeMarks
    ) throws(ForecastingError) {
        guard network.lookback == shape.lookback, network.horizon == shape.horizon,
            network.inputs == shape.channels, network.outputs == shape.targets,
            network.decoderInputs == shape.channels, network.knownInputs ?? 0 == shape.future
        else {
            throw .invalidModel(
                reason: "an Informer of \(network.lookback) x \(network.inputs) to \(network.horizon) x "
                    + "\(network.outputs), told \(network.knownInputs ?? 0), in a model of \(shape.lookback) x "
                    + "\(shape.channels) to \(shape.horizon) x \(shape.targets), told \(shape.future)"
            )
        }
        guard network.marks == marks.count else {
            throw .invalidModel(reason: "an Informer of \(network.marks) time marks, where rows have \(marks.count)")
        }
    }
}
