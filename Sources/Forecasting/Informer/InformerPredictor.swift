// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// A fitted Informer that forecasts without a tape: once a batch size was seen, a forecast allocates nothing.
///
/// Belongs to one task or thread at a time. The keys that ProbSparse attention samples are drawn once, from a fixed
/// seed, so the same window always has the same forecast.
package final class InformerPredictor {
    /// The sizes that plans are made for; batches are cut into these, so that memory stays bounded.
    private static let batchSizes = [32, 16, 8, 4, 2, 1]

    private let network: InformerNetwork
    /// Networks of the same parameters that work through a batch side by side; nil where one does.
    private let replicas: (team: ReplicaTeam, networks: [InformerNetwork])?
    private var prepared: [Int: InformerPlan] = [:]

    /// The hyperparameters.
    package var configuration: InformerConfiguration { network.configuration }

    /// Takes the parameters that training left.
    ///
    /// - Parameter threads: 1 is right for serving, where requests run side by side.
    /// - Throws: `ForecastingError`: `invalidShape`, or `invalidModel` where the tensors are not those of the
    ///   configuration or the machine cannot run the engine.
    package convenience init(
        _ configuration: InformerConfiguration,
        tensors: [NamedTensor],
        threads: Int = 1
    ) throws(ForecastingError) {
        try configuration.validate()
        let stored = tensors.compactMap { tensor in
            guard case .float32(let elements) = tensor.values else { return nil as NamedElements? }
            return NamedElements(name: tensor.name, sizes: tensor.shape, elements: elements)
        }
        // A manifest can claim any size: nothing is made room for that the file does not hold.
        let held = stored.reduce(0) { $0 + $1.elements.count }
        guard held >= configuration.parameterCount else {
            throw .invalidModel(
                reason: "it holds \(held) numbers, an Informer of its settings has \(configuration.parameterCount)"
            )
        }
        do throws(TensorError) {
            let network = InformerNetwork(configuration, engine: try Engine(threads: threads), trainable: false)
            try network.parameters.load(stored)
            let team = InformerReplicas.pays(configuration, threads: threads) ? try ReplicaTeam(network.engine) : nil
            self.init(
                network,
                team.map { ($0, $0.engines.map { InformerNetwork(replicating: network, engine: $0) }) }
            )
        } catch {
            throw .invalidModel(reason: error.description)
        }
    }

    /// Forecasts with the parameters of a network, also while these go on changing.
    convenience init(_ network: InformerNetwork) { self.init(network, nil) }

    /// A predictor of the same parameters on one thread of its own.
    convenience init(sharing other: InformerPredictor) {
        self.init(InformerNetwork(replicating: other.network, engine: other.network.engine.sibling()), nil)
    }

    private init(_ network: InformerNetwork, _ replicas: (team: ReplicaTeam, networks: [InformerNetwork])?) {
        self.network = network
        self.replicas = replicas
    }

    /// Forecasts a batch, in scaled units.
    ///
    /// - Parameters:
    ///   - windows: [batch, lookback, inputs], row-major, targets first.
    ///   - future: [batch, horizon, known inputs]: the last columns of the rows to forecast.
    ///   - marks: [batch, lookback + horizon, marks] of the windows and the rows to forecast; see `TimeMarks`.
    ///   - batch: The number of windows.
    ///   - output: [batch, horizon, outputs]; every element is written.
    /// - Precondition: The spans have exactly these sizes.
    package func predict(
        _ windows: Span<Float>,
        future: Span<Float>,
        marks: Span<Float>,
        batch: Int,
        into output: inout MutableSpan<Float>
    ) {
        let c = configuration
        precondition(
            windows.count == batch * c.lookback * c.inputs
                && marks.count == batch * (c.lookback + c.horizon) * c.marks
                && output.count == batch * c.horizon * c.outputs
                && future.count == batch * c.horizon * (c.knownInputs ?? 0),
            "predict: \(windows.count) inputs, \(future.count) of the future, \(marks.count) marks and \(output.count) outputs "
                + "for \(batch) windows"
        )
        var first = 0
        while first < batch {
            let size = Self.batchSizes.first { $0 <= batch - first } ?? 1
            let ready = prepare(size)
            ready.fill { part, share in
                for (place, window) in share.enumerated() {
                    fill(part, place, windows, marks, first + window)
                    fillKnown(part, place, future, first + window)
                }
            }
            ready.run()
            ready.read { forecasts, share in
                let start = (first + share.lowerBound) * c.horizon * c.outputs
                forecasts.withElements { result in
                    for index in 0..<result.count { output[start + index] = result[index] }
                }
            }
            first += size
        }
    }

    /// Copies a window and its marks to a place of a batch.
    private func fill(
        _ batch: InformerBatch,
        _ place: Int,
        _ windows: Span<Float>,
        _ marks: Span<Float>,
        _ window: Int
    ) {
        let c = configuration
        let (history, label) = (c.lookback * c.inputs, c.labelLength * c.inputs)
        let end = (window + 1) * history
        Self.copy(windows, end - history, history, to: batch.history.values, place)
        Self.copy(windows, end - label, label, to: batch.decoderInput.values, place)
        let markStart = window * (c.lookback + c.horizon) * c.marks
        Self.copy(marks, markStart, c.lookback * c.marks, to: batch.history.marks, place)
        let decoderStart = markStart + (c.lookback - c.labelLength) * c.marks
        Self.copy(marks, decoderStart, c.decoderLength * c.marks, to: batch.decoderInput.marks, place)
    }

    /// Copies what is known of the rows to forecast; zeros stand in the other columns.
    private func fillKnown(_ batch: InformerBatch, _ place: Int, _ future: Span<Float>, _ window: Int) {
        let c = configuration
        guard let known = c.knownInputs else { return }
        let first = (place * c.decoderLength + c.labelLength) * c.decoderInputs + c.decoderInputs - known
        batch.decoderInput.values.withElements { elements in
            for step in 0..<c.horizon {
                for column in 0..<known {
                    elements[first + step * c.decoderInputs + column] =
                        future[(window * c.horizon + step) * known + column]
                }
            }
        }
    }

    /// The mean squared and absolute errors, in scaled units, over all windows of a range of rows (context first).
    package func errors(_ windows: InformerWindows, rows: Range<Int>) -> (mse: Double, mae: Double) {
        let starts = windows.starts(in: [rows])
        let differences = zip(predict(windows, starts: starts, batchSize: 32), windows.truth(starts)).map {
            Double($0 - $1)
        }
        let count = Double(max(differences.count, 1))
        return (
            differences.reduce(0) { $0 + $1 * $1 } / count, differences.reduce(0) { $0 + abs($1) } / count
        )
    }

    /// Forecasts windows of a training set's rows, in batches: [starts.count, horizon, outputs].
    func predict(_ windows: InformerWindows, starts: [Int], batchSize: Int) -> [Float] {
        let size = configuration.horizon * configuration.outputs
        let ready = prepare(batchSize)
        var result: [Float] = []
        result.reserveCapacity(starts.count * size)
        for first in stride(from: 0, to: starts.count, by: batchSize) {
            let chosen = starts[first..<min(first + batchSize, starts.count)]
            ready.fill { part, share in
                windows.fill(part, chosen.dropFirst(share.lowerBound).prefix(share.count))
            }
            ready.run()
            ready.read { forecasts, share in
                result += forecasts.elements.prefix(max(0, chosen.count - share.lowerBound) * size)
            }
        }
        return result
    }

    private func prepare(_ size: Int) -> InformerPlan {
        if let ready = prepared[size] { return ready }
        let ready =
            if let replicas, size >= replicas.networks.count {
                InformerPlan(replicas.networks, team: replicas.team, size: size)
            } else {
                InformerPlan(network, size: size)
            }
        prepared[size] = ready
        return ready
    }

    /// Copies to the beginning of a batch entry.
    private static func copy(_ source: Span<Float>, _ from: Int, _ count: Int, to tensor: Tensor, _ place: Int) {
        let first = place * tensor.sizes[1] * tensor.sizes[2]
        tensor.withElements { elements in
            for index in 0..<count { elements[first + index] = source[from + index] }
        }
    }
}
