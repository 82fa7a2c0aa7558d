// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Forecasting
@testable import Tensor

@Suite("Informer fit")
struct InformerFitTests {
    static func configuration() -> InformerConfiguration {
        var result = InformerConfiguration(inputs: 2, outputs: 1, marks: 4, lookback: 24, labelLength: 8, horizon: 6)
        (result.dModel, result.heads, result.feedForward, result.factor) = (16, 2, 32, 2)
        return result
    }

    /// Two daily waves and their times.
    static func windows(_ configuration: InformerConfiguration, rows: Int) throws -> InformerWindows {
        let marks = TimeMarks(try Frequency("1h"), configuration.embedding)
        let instants = (0..<rows).map { Int64($0) * 3_600 }
        var random = RandomStreams(seed: 2)
        let noise = random.normal(rows)
        let waves = [0, 6].map { shift in
            (0..<rows).map { row in
                let angle = Float((row + shift) % 24) / 24
                return Double(4 * abs(angle - 0.5) - 1 + 0.02 * noise[row])
            }
        }
        return InformerWindows(configuration, columns: waves, marks: marks.values(instants))
    }

    static func training(epochs: Int) -> InformerTraining {
        var result = InformerTraining()
        (result.epochs, result.batchSize, result.learningRate) = (epochs, 16, 2e-3)
        return result
    }

    static func fit(
        _ configuration: InformerConfiguration,
        _ training: InformerTraining,
        _ context: FitContext = FitContext()
    ) throws -> InformerFit {
        let windows = try windows(configuration, rows: 400)
        return try InformerFit(
            configuration,
            training,
            windows: windows,
            train: [0..<300],
            validation: [276..<394],
            context
        )
    }

    @Test("learns a daily wave, and the stored model forecasts as the fitted one")
    func learns() throws {
        let configuration = Self.configuration()
        let fit = try Self.fit(configuration, Self.training(epochs: 6))
        let best = try #require(fit.epochs.compactMap(\.validationLoss).min())
        print("Informer on a wave: \(fit.epochs.compactMap(\.validationLoss))")
        #expect(best < 0.05)
        let bytes = try SafetensorsFile(tensors: fit.tensors).encoded()
        let predictor = try InformerPredictor(configuration, tensors: SafetensorsFile(decoding: bytes).tensors)
        let windows = try Self.windows(configuration, rows: 400)
        let starts = windows.starts(in: [276..<394])
        let forecasts = predictor.predict(windows, starts: starts, batchSize: 7)
        let errors = zip(forecasts, windows.truth(starts)).map { Double(($0 - $1) * ($0 - $1)) }
        #expect(abs(errors.reduce(0, +) / Double(errors.count) - best) < 1e-4)
    }

    @Test("the same seed gives the same model, another one another")
    func repeats() throws {
        let configuration = Self.configuration()
        var training = Self.training(epochs: 1)
        let first = try Self.fit(configuration, training, FitContext(threads: 2)).tensors
        #expect(try Self.fit(configuration, training, FitContext(threads: 2)).tensors == first)
        training.seed = 2
        #expect(try Self.fit(configuration, training, FitContext(threads: 2)).tensors != first)
    }

    @Test(
        "all variants fit",
        arguments: InformerConfiguration.Attention.allCases,
        InformerConfiguration.Embedding.allCases
    )
    func variants(_ attention: InformerConfiguration.Attention, _ embedding: InformerConfiguration.Embedding) throws {
        var configuration = Self.configuration()
        (configuration.attention, configuration.embedding) = (attention, embedding)
        (configuration.distilling, configuration.mixing) = (attention == .full, attention == .full)
        configuration.activation = .relu
        let fit = try Self.fit(configuration, Self.training(epochs: 2))
        #expect(fit.epochs.count == 2 && fit.epochs[1].trainLoss < fit.epochs[0].trainLoss)
    }

    @Test("a forecast does not depend on the batch that it is made in, and repeats exactly")
    func deterministic() throws {
        let configuration = Self.configuration()
        let engine = try Engine(seed: 4)
        let predictor = InformerPredictor(InformerNetwork(configuration, engine: engine, trainable: false))
        let windows = try Self.windows(configuration, rows: 100)
        let starts = Array(0..<9)
        let whole = predictor.predict(windows, starts: starts, batchSize: 9)
        #expect(predictor.predict(windows, starts: starts, batchSize: 9) == whole)
        let single = predictor.predict(windows, starts: starts, batchSize: 1)
        #expect(single == whole)
    }

    @Test("threads that share a batch out, and predictors that share parameters, forecast the same")
    func sharedOut() throws {
        let configuration = Self.configuration()
        let tensors = InformerNetwork(configuration, engine: try Engine(seed: 4), trainable: false).stored
        let windows = try Self.windows(configuration, rows: 100)
        let starts = Array(0..<37)
        let alone = try InformerPredictor(configuration, tensors: tensors)
        let expected = alone.predict(windows, starts: starts, batchSize: 16)
        for threads in [2, 3] {
            let shared = try InformerPredictor(configuration, tensors: tensors, threads: threads)
            // The last batch is short: some parts of it have no windows.
            #expect(shared.predict(windows, starts: starts, batchSize: 16) == expected)
        }
        #expect(InformerPredictor(sharing: alone).predict(windows, starts: starts, batchSize: 16) == expected)
    }

    @Test("wrong hyperparameters and stored models are named")
    func errors() throws {
        var wrong = Self.configuration()
        wrong.heads = 3
        #expect(
            throws: ForecastingError.invalidShape(reason: "informer.dModel 16 must be even and a multiple of heads 3")
        ) {
            try wrong.validate()
        }
        #expect(
            throws: ForecastingError.invalidModel(
                reason: "it holds 0 numbers, an Informer of its settings has \(Self.configuration().parameterCount)"
            )
        ) {
            _ = try InformerPredictor(Self.configuration(), tensors: [])
        }
        var large = Self.training(epochs: 1)
        large.batchSize = 1_000
        #expect(throws: ForecastingError.self) { try Self.fit(Self.configuration(), large) }
    }
}

@Suite("Training rules")
struct TrainingRuleTests {
    @Test("early stopping keeps the best and stops after its patience")
    func earlyStopping() {
        var stopping = EarlyStopping(patience: 2)
        let verdicts = [3, 2, 2.5, 1, .nan, 1].map { stopping.judge($0) }
        #expect(verdicts == [.best, .best, .next, .best, .next, .stop])
        #expect(stopping.best == 1)
    }

    @Test("learning rates are those of the reference, epoch by epoch")
    func rates() {
        let halving = (1...5).map { LearningRateSchedule.halving.rate(epoch: $0, first: 8) }
        #expect(halving == [8, 8, 4, 2, 1])
        let table = [1, 2, 3, 4, 5, 7, 9, 11, 16].map { LearningRateSchedule.table.rate(epoch: $0, first: 1) }
        #expect(table == [1, 1, 5e-5, 5e-5, 1e-5, 5e-6, 1e-6, 5e-7, 2e-8])
        #expect(LearningRateSchedule.constant.rate(epoch: 9, first: 3) == 3)
    }

    @Test("time marks are those of the reference")
    func marks() throws {
        // 2016-07-01 13:00, a Friday, day 183 of the year.
        let instant = UTCTime.seconds(year: 2016, month: 7, day: 1) + 13 * 3_600
        let hourly = TimeMarks(try Frequency("1h"), .timeFeatures).values([instant])
        let expected: [Float] = [13.0 / 23 - 0.5, 4.0 / 6 - 0.5, -0.5, 182.0 / 365 - 0.5]
        #expect(zip(hourly, expected).allSatisfy { abs($0 - $1) < 1e-6 } && hourly.count == 4)
        #expect(TimeMarks(try Frequency("15min"), .fixed).values([instant + 2_700]) == [7, 1, 4, 13, 3])
        #expect(TimeMarks(try Frequency("1w"), .timeFeatures).values([instant]) == [-0.5, Float(25.0 / 52 - 0.5)])
        #expect(TimeMarks(try Frequency("1mo"), .timeFeatures).count == 1)
    }
}
