// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Forecasting
@testable import Tensor

/// The engine against numbers that PyTorch computed; Reference/README.md says how they were made.
@Suite("PyTorch's numbers")
struct PyTorchTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let operation: @Sendable ([Tensor]) -> Tensor

        init(_ name: String, _ operation: @escaping @Sendable ([Tensor]) -> Tensor) {
            self.name = name
            self.operation = operation
        }

        var testDescription: String { name }
    }

    static let file: [String: NamedElements] = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Reference/operations.safetensors")
        guard let data = try? Data(contentsOf: path), let file = try? SafetensorsFile(decoding: [UInt8](data)) else {
            return [:]
        }
        let floats = file.tensors.compactMap { tensor in
            guard case .float32(let elements) = tensor.values else { return nil as NamedElements? }
            return NamedElements(name: tensor.name, sizes: tensor.shape, elements: elements)
        }
        return Dictionary(floats.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }()

    static let windows: [String: SlidingWindow] = {
        var wide = SlidingWindow.centred(taps: 5)
        wide.stride = 3
        var patches = SlidingWindow(taps: 4)
        (patches.stride, patches.after, patches.padding) = (2, 2, .edge)
        var average = SlidingWindow.centred(taps: 3)
        average.stride = 2
        return [
            "convolution": SlidingWindow(taps: 3), "convolution, stride and zeros": wide,
            "convolution, dilated": .centred(taps: 3, dilation: 2),
            "convolution, circular": .centred(taps: 3, padding: .circular),
            "convolution, causal": .causal(taps: 3, dilation: 2), "patches": patches, "average pool": average,
        ]
    }()

    static func window(_ name: String) -> SlidingWindow { windows[name] ?? SlidingWindow(taps: 1) }

    static func convolution(_ name: String) -> Case { Case(name) { $0[0].convolution($0[1], $0[2], window(name)) } }

    static func activation(_ activation: Activation) -> Case {
        Case(activation.rawValue) { $0[0].activated(activation) }
    }

    static func indices(_ tensor: Tensor) -> Indices { tensor.engine.indices([1, 3, 1, 0, 2, 0], [2, 3]) }

    static func batchNorm(_ operands: [Tensor], training: Bool) -> Tensor {
        let engine = operands[0].engine
        let statistics = BatchStatistics(mean: engine.filled(0.3, [3]), variance: engine.filled(2, [3]))
        return operands[0].batchNorm(operands[1], operands[2], statistics: statistics, training: training)
    }

    static func attention(_ input: Tensor, causal: Bool) -> Tensor {
        var options = AttentionOptions(heads: 2)
        options.causal = causal
        return input.selfAttention(options)
    }

    static func weights(_ operands: [Tensor]) -> RecurrentWeights {
        RecurrentWeights(input: operands[1], hidden: operands[2], inputBias: operands[3], hiddenBias: operands[4])
    }

    static let cases: [Case] =
        [.relu, .gelu, .geluTanh, .elu, .sigmoid, .tanh, .silu, .softplus, .exp].map(activation)
        + [
            "convolution", "convolution, stride and zeros", "convolution, dilated", "convolution, circular",
            "convolution, causal",
        ].map(convolution)
        + [
            Case("log of an exponential") { $0[0].activated(.exp).activated(.log) },
            Case("root of a square") { $0[0].activated(.square).activated(.root) },
            Case("glu") { $0[0].gated() },
            Case("softmax") { $0[0].softmax() },
            Case("log softmax") { $0[0].logSoftmax() },
            Case("masked softmax") {
                let mask: [Float] = [1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1]
                return $0[0].softmax(mask: $0[0].engine.tensor(mask, [3, 5]))
            },
            Case("layer norm") { $0[0].layerNorm($0[1], $0[2]) },
            Case("batch norm of a batch") { batchNorm($0, training: true) },
            Case("batch norm by statistics") { batchNorm($0, training: false) },
            Case("linear") { $0[0].linear($0[1], $0[2]) },
            Case("products of repeated matrices") { $0[0].matmul($0[1]) },
            Case("products of transposed matrices") { $0[0].transposed(1, 2).matmul($0[1].transposed(1, 2)) },
            // PyTorch has channels before time: [batch, channels, patches, taps].
            Case("patches") {
                let patches = $0[0].transposed(1, 2).unfolded(window("patches"))
                return patches.reshaped([2, 5, 4, 3]).transposed(1, 3).transposed(2, 3)
            },
            Case("max pool") { $0[0].maxPooled() },
            Case("max pool, wide") { $0[0].maxPooled(taps: 5, stride: 4, padding: 2) },
            Case("average pool") { $0[0].averagePooled(window("average pool")) },
            Case("embedding") { $0[0].rows(at: indices($0[0])) },
            Case("gather") { $0[0].rows(at: indices($0[0])) },
            Case("scatter") { $0[0].scatteredRows(at: indices($0[0]), count: 5) },
            Case("largest") { $0[0].largest(3).values },
            Case("running sum") { $0[0].cumulativeSum(over: 1) },
            Case("sum") { $0[0].sum(over: 1) },
            Case("variance") { $0[0].variance(over: 1) },
            Case("unbiased variance") { $0[0].variance(over: 2, unbiased: true) },
            Case("maximum") { $0[0].maximum(over: 1) },
            Case("minimum") { $0[0].minimum(over: 0) },
            Case("concatenation") { Tensor.concatenated($0, over: 1) },
            Case("full attention") { attention($0[0], causal: false) },
            Case("causal attention") { attention($0[0], causal: true) },
            // All hidden states, then the last cells.
            Case("lstm") {
                let (hidden, cell) = $0[0].lstm(weights($0), initial: ($0[5], $0[6]))
                return Tensor.concatenated([hidden.reshaped([40]), cell.narrowed(1, 4..<5).reshaped([8])], over: 0)
            },
            Case("gru") { $0[0].gru(weights($0), initial: $0[5]) },
            Case("mse") { $0[0].loss(.mse, against: $0[1]) },
            Case("mae") { $0[0].loss(.mae, against: $0[1]) },
            Case("huber") { $0[0].loss(.huber, against: $0[1]) },
            Case("quantile loss") { $0[0].quantileLoss([0.1, 0.5, 0.9], against: $0[1]) },
            Case("gaussian loss") { $0[0].gaussianLoss(variance: $0[1].activated(.softplus), against: $0[2]) },
        ]

    /// The largest distance, as a share of the largest number (at least 1).
    static func error(_ found: [Float], _ expected: [Float]) -> Float {
        guard found.count == expected.count else { return .infinity }
        let largest = expected.reduce(1) { max($0, abs($1)) }
        return zip(found, expected).reduce(0) { max($0, ($1.0 - $1.1).magnitude) } / largest
    }

    static func stored(_ name: String) throws -> NamedElements {
        try #require(file[name], "\(name) is not in the file")
    }

    @Test("each operation gives the same results and the same gradients", arguments: cases, InstructionSet.available)
    func operation(_ test: Case, _ set: InstructionSet) throws {
        let engine = try Engine(threads: 2, instructionSet: set)
        let operands = try (0...).prefix { Self.file["\(test.name)/operand.\($0)"] != nil }.map { index in
            let stored = try Self.stored("\(test.name)/operand.\(index)")
            return engine.tensor(stored.elements, stored.sizes, needsGradient: true)
        }
        let (expected, weight) = (try Self.stored("\(test.name)/result"), try Self.stored("\(test.name)/weight"))
        var result = engine.filled(0, [])
        _ = engine.differentiate {
            result = test.operation(operands)
            return (result * engine.tensor(weight.elements, weight.sizes)).sum()
        }
        #expect(result.sizes == expected.sizes)
        #expect(Self.error(result.elements, expected.elements) < 3e-6)
        for (index, operand) in operands.enumerated() {
            guard let slope = Self.file["\(test.name)/gradient.\(index)"] else { continue }
            let found = try #require(operand.gradient, "operand \(index) got no gradient")
            #expect(Self.error(found.elements, slope.elements) < 6e-6, "operand \(index)")
        }
    }

    @Test("every case of the file is tested")
    func complete() {
        let stored = Set(Self.file.keys.filter { $0.hasSuffix("/weight") }.map { String($0.dropLast(7)) })
        #expect(stored == Set(Self.cases.map(\.name)))
    }

    @Test(
        "twenty steps of an optimiser end at the same weights",
        arguments: ["adam", "adamw, norm", "momentum, value"],
        InstructionSet.available
    )
    func optimiser(_ name: String, _ set: InstructionSet) throws {
        let engine = try Engine(instructionSet: set)
        let parameters = ParameterSet(engine: engine, count: 6)
        let start = try Self.stored("\(name)/operand.0").elements
        let weight = parameters.add([ParameterPiece("weight", [6], .table(start))])
        let factors = engine.tensor([1, 2, 3, 4, 5, 6], [6])
        let (adam, decaying) = (Adam(parameters), Adam(parameters, weightDecay: 0.2))
        let descent = GradientDescent(parameters, momentum: 0.9)
        for _ in 0..<20 {
            _ = engine.differentiate { (weight.activated(.square) * factors).sum() }
            switch name {
            case "adam": adam.step(rate: 0.1)
            case "adamw, norm": decaying.step(rate: 0.1, clipping: .norm(2))
            default: descent.step(rate: 0.02, clipping: .value(1.5))
            }
        }
        #expect(Self.error(weight.elements, try Self.stored("\(name)/result").elements) < 3e-6)
    }

    @Test("schedules give the same rates")
    func schedules() throws {
        let schedules: [(String, RateSchedule)] = [
            ("step schedule", RateSchedule(highest: 0.5, decay: .step(every: 7, factor: 0.3))),
            ("exponential schedule", RateSchedule(highest: 0.5, decay: .exponential(factor: 0.9))),
            ("cosine schedule", RateSchedule(highest: 0.5, decay: .cosine(steps: 29, floor: 0.1))),
            ("warm-up schedule", RateSchedule(highest: 0.5, warmUp: 5)),
        ]
        for (name, schedule) in schedules {
            let rates = (0..<30).map { Float(schedule.rate(step: $0)) }
            #expect(Self.error(rates, try Self.stored("\(name)/result").elements) < 1e-6, "\(name)")
        }
    }
}
