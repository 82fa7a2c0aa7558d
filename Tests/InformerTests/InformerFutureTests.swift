// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Forecasting
@testable import Tensor

@Suite("Informer with what is known of rows to come")
struct InformerFutureTests {
    private static let rows = 500

    /// A target that is half of what a switch, which nothing foretells, was in its own row.
    private static func columns() -> (target: [Double], known: [Double]) {
        var random = RandomStreams(seed: 5)
        let known = random.normal(rows).map { $0 > 0 ? 1.0 : -1.0 }
        return (known.map { 0.5 * $0 }, known)
    }

    private static func fit(known: Bool) throws -> (model: InformerModel, training: TrainingSummary) {
        let (target, other) = columns()
        var network = InformerConfiguration(inputs: 2, outputs: 1, marks: 4, lookback: 24, labelLength: 8, horizon: 6)
        (network.dModel, network.heads, network.feedForward, network.factor) = (16, 2, 32, 2)
        network.knownInputs = known ? 1 : nil
        var training = InformerTraining()
        (training.epochs, training.batchSize, training.learningRate) = (8, 16, 3e-3)
        training.schedule = .constant
        let segment = TrainingData.Segment(
            columns: [target, other],
            future: known ? [other] : [],
            timestamps: (0..<rows).map { Int64($0) * 3_600 },
            train: 0..<400,
            validation: 376..<500
        )
        let data = TrainingData([segment], frequency: try Frequency("1h"))
        let shape = try WindowShape(lookback: 24, horizon: 6, channels: 2, targets: 1, future: known ? 1 : 0)
        return try InformerModel.fit(network, training, shape: shape, data, FitContext())
    }

    private static func forecast(_ model: InformerModel, first: Int, known: [Float]) -> [Float] {
        let (target, other) = columns()
        let window = (first..<(first + 24)).flatMap { [Float(target[$0]), Float(other[$0])] }
        var output = [Float](repeating: .nan, count: 6)
        var span = output.mutableSpan
        let ends = [Int64(first + 23) * 3_600]
        model.predict(window.span, future: known.span, ends: ends.span, batch: 1, into: &span)
        return output
    }

    @Test("what is known of the rows to come makes an unforeseeable series foreseeable, and only where it is given")
    func learns() throws {
        let (told, untold) = (try Self.fit(known: true), try Self.fit(known: false))
        let (with, without) = (try #require(told.training.validationLoss), try #require(untold.training.validationLoss))
        print("Informer: validation loss \(with) with the known column, \(without) without")
        #expect(with < 0.05 && without > 0.2)
        // Training and serving see the same: the forecast follows the column that is given.
        let forecast = Self.forecast(told.model, first: 440, known: [1, 1, -1, 1, -1, -1])
        for (value, wanted) in zip(forecast, [0.5, 0.5, -0.5, 0.5, -0.5, -0.5] as [Float]) {
            #expect(abs(value - wanted) < 0.3)
        }
        let stored = try told.model.configuration.load(
            tensors: told.model.tensors,
            shape: told.model.shape,
            frequency: Frequency("1h")
        )
        let loaded = try #require(stored as? InformerModel)
        #expect(Self.forecast(loaded, first: 440, known: [1, 1, -1, 1, -1, -1]) == forecast)
    }

    @Test("serving lays down for the network what training laid down, to the last bit")
    func sameInputs() throws {
        let (told, _) = try Self.fit(known: true)
        let (target, other) = Self.columns()
        guard case .informer(let network, _) = told.configuration else { return }
        let predictor = try InformerPredictor(network, tensors: told.tensors)
        let marks = TimeMarks(try Frequency("1h"), network.embedding)
        let windows = InformerWindows(
            network,
            columns: [target, other],
            marks: marks.values((0..<Self.rows).map { Int64($0) * 3_600 })
        )
        for first in [0, 100, 469] {
            let trained = predictor.predict(windows, starts: [first], batchSize: 1)
            let known = (first + 24..<first + 30).map { Float(other[$0]) }
            #expect(Self.forecast(told, first: first, known: known) == trained)
        }
    }

    @Test("a network that is told more than it has columns besides its targets is refused")
    func refused() {
        var network = InformerConfiguration(inputs: 2, outputs: 1, marks: 4, lookback: 24, labelLength: 8, horizon: 6)
        for known in [-1, 2] {
            network.knownInputs = known
            #expect(throws: ForecastingError.self) { try network.validate() }
        }
    }
}
