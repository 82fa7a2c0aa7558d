// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import Logging
import ServiceLifecycle
import WorkerRuntime

/// Writes the forecasts that a memory has taken into the store, segment by segment, and lets the other one of stable version
/// and canary forecast the same where that is wanted. No request waits for it: while the store is slow, forecasts pile up
/// in the memory to its bound.
struct ForecastRecorder: Service {
    /// Where forecasts come from.
    let memory: ForecastMemory
    /// The versions that are served.
    let shelf: ModelShelf
    /// Where segments go.
    let place: StorePlace
    /// The name of this process's folder.
    let process: String
    /// Where forecasts wait for their turn; those for comparison take only a place that nobody else wants.
    let gate: ForecastGate
    let logger: Logger
    /// How often the memory is looked at.
    var pace = Duration.milliseconds(200)

    /// How long one look waits for free moments, in all.
    private static let patience = Duration.seconds(1)
    private static let pause = Duration.milliseconds(10)

    func run() async throws {
        var builder = SegmentBuilder()
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pace) }
            await absorb(&builder)
            if builder.isOld(at: memory.milliseconds) { await write(&builder) }
        }
        // Requests have ended by now: what is left is whole.
        await absorb(&builder)
        await write(&builder)
    }

    private func absorb(_ builder: inout SegmentBuilder) async {
        let deadline = ContinuousClock.now + Self.patience
        for note in memory.take() {
            await add(note.forecast, &builder)
            guard !note.history.isEmpty, let other = shelf.counterpart(of: note.forecast.version) else { continue }
            if let shadow = await shadow(note, of: other, until: deadline) {
                await add(shadow, &builder)
            } else {
                memory.settled(.unshadowed)
            }
        }
    }

    private func add(_ forecast: RememberedForecast, _ builder: inout SegmentBuilder) async {
        if builder.isFull(for: forecast) { await write(&builder) }
        if !builder.add(forecast) { memory.settled(.duplicate) }
    }

    /// What another version forecasts from the same history; nil where it cannot, or is not let in.
    private func shadow(
        _ note: ForecastMemory.Note,
        of other: ServedModel,
        until deadline: ContinuousClock.Instant
    ) async -> RememberedForecast? {
        let (shape, columns) = (other.shape, other.forecaster.columns)
        let own = shelf.model(note.forecast.version)
        guard note.history.count >= shape.inputCount, note.history.count % columns.count == 0,
            note.future.count >= shape.futureCount, columns == own?.forecaster.columns,
            other.forecaster.futureColumns == own?.forecaster.futureColumns,
            other.panel.groupBy == own?.panel.groupBy, let series = other.panel.place(of: note.forecast.series)
        else { return nil }
        let (history, end) = (Array(note.history.suffix(shape.inputCount)), note.forecast.end)
        let future = Array(note.future.prefix(shape.futureCount))
        while true {
            let values = await gate.passIfFree {
                try? await LongWork.compute {
                    try other.panel.forecast(history: history, future: future, ends: [end], series: [series])
                }
            }
            if let values {
                guard let values, values.allSatisfy(\.isFinite) else { return nil }
                var shadow = note.forecast
                (shadow.version, shadow.values) = (other.version, values)
                shadow.last = Array(history.suffix(shape.channels).prefix(shape.targets))
                return shadow
            }
            guard ContinuousClock.now < deadline, !Task.isCancelled else { return nil }
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func write(_ builder: inout SegmentBuilder) async {
        guard let (name, segment) = builder.close() else { return }
        let forecasts = segment.forecasts.count
        do {
            try await write(segment, name)
            if memory.stored(nil) != nil { logger.warning("forecasts are remembered again") }
            memory.settled(.written, forecasts)
        } catch {
            let fault = StepEnding(error).failure
            // The log says it once; the report says it for as long as it lasts.
            if memory.stored(fault) == nil {
                logger.error("forecasts are not remembered", metadata: ["reason": "\(fault.message)"])
            }
            memory.settled(.failed, forecasts)
        }
    }

    private func write(_ segment: ForecastSegment, _ name: SegmentName) async throws {
        let (service, process) = (shelf.name, process)
        guard let stable = shelf.stableURI else { throw ServingError.notLoaded(name: service) }
        try await place.withStore { store in
            // A process that has to end does not wait for a store that does not answer.
            try await LongWork.compute(waits: true) {
                let namespace = try store.address(ofURI: stable).namespace
                let folder = try LiveFolder(store, namespace: namespace, service: service)
                try folder.write("\(name)", of: process, bytes: try segment.encoded())
            }
        }
    }
}
