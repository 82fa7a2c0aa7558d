// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Forecasting
@testable import Tensor

/// Keeps the latest checkpoint in memory, and fails like a process that is killed.
final class MemoryCheckpoints: FitCheckpoints {
    let location = "memory"
    let bytes: Mutex<[UInt8]?>
    /// By number, the places of several trainings.
    let parts = Mutex<[Int: MemoryCheckpoints]>([:])
    private let left: Mutex<Int>

    /// Fails behind the save of that number.
    init(_ bytes: [UInt8]? = nil, saves: Int = .max) {
        self.bytes = Mutex(bytes)
        left = Mutex(saves)
    }

    func part(_ number: Int) -> any FitCheckpoints {
        parts.withLock { parts in
            let part = parts[number] ?? MemoryCheckpoints()
            parts[number] = part
            return part
        }
    }

    func load() -> [UInt8]? { bytes.withLock { $0 } }

    func save(_ new: [UInt8]) throws(ForecastingError) {
        bytes.withLock { $0 = new }
        let isOver = left.withLock { left in
            left -= 1
            return left == 0
        }
        if isOver { throw .fileSystem(operation: "write", path: location, reason: "killed") }
    }
}

@Suite("Checkpoints of a training")
struct InformerCheckpointTests {
    private func events(
        _ checkpoints: MemoryCheckpoints,
        _ training: InformerTraining = InformerFitTests.training(epochs: 4)
    ) throws -> (fit: InformerFit, events: [FitEvent]) {
        let seen = Mutex<[FitEvent]>([])
        let context = FitContext(threads: 2, checkpoints: checkpoints) { event in
            if case .steps = event { return }
            seen.withLock { $0.append(event) }
        }
        let fit = try InformerFitTests.fit(InformerFitTests.configuration(), training, context)
        return (fit, seen.withLock { $0 })
    }

    @Test("a training that was killed after any epoch ends with the same bits as one that was not", arguments: 1...4)
    func resumes(_ epoch: Int) throws {
        let whole = try events(MemoryCheckpoints()).fit
        let broken = MemoryCheckpoints(saves: epoch)
        #expect(throws: ForecastingError.self) { try events(broken) }
        let (fit, seen) = try events(MemoryCheckpoints(broken.load()))
        #expect(seen.first == .resumed(epoch: epoch, of: 4) && seen.count == 1 + 4 - epoch)
        #expect(fit.tensors == whole.tensors)
        #expect(fit.epochs == whole.epochs && fit.summary == whole.summary)
    }

    @Test("a checkpoint of other settings, or a damaged one, is told and not used")
    func dropped() throws {
        let whole = MemoryCheckpoints()
        _ = try events(whole)
        var other = InformerFitTests.training(epochs: 4)
        other.seed = 9
        let (fit, seen) = try events(MemoryCheckpoints(whole.load()), other)
        guard case .checkpointDropped(let reason) = seen.first else {
            Issue.record("\(seen)")
            return
        }
        #expect(reason.contains("it is of other data, settings or number of threads"))
        #expect(try fit.tensors == events(MemoryCheckpoints(), other).fit.tensors)
        let cut = try #require(whole.load()).dropLast(5)
        let damaged = try events(MemoryCheckpoints(Array(cut))).events
        #expect(damaged.count == 5)
    }

    @Test("no bytes make the reader trap", arguments: 1...3 as ClosedRange<UInt64>)
    func fuzz(_ seed: UInt64) throws {
        let checkpoints = MemoryCheckpoints()
        _ = try events(checkpoints, InformerFitTests.training(epochs: 1))
        let good = try #require(checkpoints.load())
        let fingerprint = try #require(SafetensorsFile(decoding: good).metadata["almanac.fingerprint"])
        var random = RandomStreams(seed: seed)
        for _ in 0..<200 {
            var bytes = good
            let places = random.integers(4, below: 3_000)
            for (place, value) in zip(places, random.integers(4, below: 256)) { bytes[Int(place)] = UInt8(value) }
            if random.integers(1, below: 4)[0] == 0 { bytes.removeLast(Int(random.integers(1, below: 900)[0])) }
            guard let read = try? InformerCheckpoint(decoding: bytes, fingerprint: fingerprint) else { continue }
            try? read.requireFit([[0]], best: read.best)
        }
    }

    @Test("a loss that is not finite ends the training with epoch and learning rate, and the best model stays")
    func diverges() throws {
        let configuration = InformerFitTests.configuration()
        let checkpoints = MemoryCheckpoints()
        var training = InformerFitTests.training(epochs: 3)
        training.schedule = .constant
        let windows = try InformerFitTests.windows(configuration, rows: 400)
        var course = try InformerCourse(
            configuration,
            training,
            windows: windows,
            trainStarts: Array(0..<64),
            validationStarts: Array(300..<320),
            FitContext(checkpoints: checkpoints)
        )
        try course.runEpoch()
        let best = course.best
        let parameters = course.trainer.network.parameters
        parameters.values.write([Float](repeating: .nan, count: parameters.count))
        let error = #expect(throws: ForecastingError.self) { try course.runEpoch() }
        let expected = ForecastingError.diverged(
            model: "Informer",
            epoch: 2,
            rate: 0.002,
            kept: "the model of epoch 1, the best one, is kept in memory"
        )
        #expect(error == expected)
        #expect("\(expected)".contains("epoch 2, at learning rate 0.002; lower training.learningRate"))
        // What is kept can be imported as it is.
        let file = try SafetensorsFile(decoding: #require(checkpoints.load()))
        #expect(try InformerStateDict(file.tensors, for: configuration).tensors == best)
    }
}

@Suite("Weights of other software")
struct InformerStateDictTests {
    private func stored() throws -> [NamedTensor] {
        InformerNetwork(InformerFitTests.configuration(), engine: try Engine(seed: 3), trainable: false).stored
    }

    @Test("a PyTorch state dict is taken with its prefix and its derived tensors, in 32 or 64 bits")
    func accepted() throws {
        let configuration = InformerFitTests.configuration()
        let ours = try stored()
        let theirs =
            ours.map { tensor in
                guard case .float32(let values) = tensor.values else { return tensor }
                return NamedTensor(
                    name: "module." + tensor.name,
                    shape: tensor.shape,
                    values: .float64(values.map { Double($0) })
                )
            } + [
                NamedTensor(name: "enc_embedding.position_embedding.pe", shape: [1], values: .float32([0])),
                NamedTensor(
                    name: "encoder.conv_layers.0.norm.num_batches_tracked",
                    shape: [],
                    values: .int64([7])
                ),
            ]
        #expect(try InformerStateDict(theirs, for: configuration).tensors == ours)
    }

    @Test("missing, unexpected, ill-shaped and infinite tensors are all named at once")
    func refused() throws {
        var tensors = try stored()
        tensors.removeAll { $0.name == "projection.bias" }
        tensors.append(NamedTensor(name: "extra", shape: [1], values: .float32([0])))
        let norm = try #require(tensors.firstIndex { $0.name == "decoder.norm.weight" })
        tensors[norm] = NamedTensor(name: "decoder.norm.weight", shape: [2], values: .float32([0, 0]))
        let bias = try #require(tensors.firstIndex { $0.name == "decoder.norm.bias" })
        tensors[bias] = NamedTensor(
            name: "decoder.norm.bias",
            shape: [16],
            values: .float32([Float](repeating: .infinity, count: 16))
        )
        let error = #expect(throws: ForecastingError.self) {
            try InformerStateDict(tensors, for: InformerFitTests.configuration())
        }
        let text = error.map { "\($0)" } ?? ""
        let parts = [
            "missing: projection.bias;", "unexpected: extra;", "decoder.norm.weight [2] in place of [16]",
            "not finite: decoder.norm.bias",
        ]
        for part in parts { #expect(text.contains(part), "\(text)") }
    }
}
