// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Forecasting
@testable import Tensor

/// Outputs, gradients and ten steps of Adam as the authors' PyTorch code has them.
@Suite("Informer parity", .enabled(if: !ParityFile.all.isEmpty, "the reference's outputs are not there"))
struct InformerParityTests {
    /// A network with the file's weights, and the file's inputs.
    struct Replay {
        let file: ParityFile
        let network: InformerNetwork
        let history: MarkedSequence
        let decoderInput: MarkedSequence
        let truth: Tensor

        init(_ file: ParityFile, threads: Int, _ set: InstructionSet) throws {
            self.file = file
            let engine = try Engine(threads: threads, instructionSet: set)
            let configuration = try file.configuration()
            try configuration.validate()
            network = InformerNetwork(configuration, engine: engine)
            try network.parameters.load(file.all("weights."))
            history = MarkedSequence(
                values: try file.tensor("x_enc", engine),
                marks: try file.tensor("x_mark_enc", engine)
            )
            decoderInput = MarkedSequence(
                values: try file.tensor("x_dec", engine),
                marks: try file.tensor("x_mark_dec", engine)
            )
            let y = try file.tensor("y", engine)
            truth = y.narrowed(1, configuration.labelLength..<y.sizes[1]).contiguous()
        }

        /// The output of a pass that draws the file's samples.
        func output(_ pass: String, training: Bool) throws -> Tensor {
            let engine = network.engine
            let names = (0..<64).map { "\(pass).sample.\($0)" }.prefix { file.entries[$0] != nil }
            let samples = try names.map { try file.indices($0, engine) }
            var next = 0
            return network(
                history,
                decoderInput,
                InformerPass(dropout: 0, training: training) { queries, _, sampled in
                    defer { next += 1 }
                    #expect(samples[next].sizes == [queries, sampled])
                    return samples[next]
                }
            )
        }

        func loss(_ step: Int) throws -> Tensor {
            let output = try output("train.\(step)", training: true)
            return output.loss(.mse, against: truth.narrowed(2, 0..<output.width))
        }
    }

    static func distance(_ a: [Float], _ b: [Float]) -> Float {
        a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
    }

    @Test("outputs, gradients, losses and the trained model agree", arguments: ParityFile.all, InstructionSet.available)
    func parity(_ file: ParityFile, _ set: InstructionSet) throws {
        let replay = try Replay(file, threads: 2, set)
        let network = replay.network
        let evaluated = try replay.output("eval", training: false)
        #expect(Self.distance(evaluated.elements, try file.floats("eval.output").elements) < 2e-5)
        let adam = Adam(network.parameters)
        let losses = try file.floats("train.loss").elements
        let rate = Float(try #require(file.settings["adam_lr"]))
        for step in losses.indices {
            let loss = try network.engine.differentiate { try replay.loss(step) }
            #expect(abs(loss.scalar - losses[step]) < 1e-4, "step \(step)")
            if step == 0 { try compareGradients(replay) }
            adam.step(rate: rate)
        }
        let trained = try replay.output("final", training: false)
        let distance = Self.distance(trained.elements, try file.floats("final.output").elements)
        print("\(file.name), \(set): the trained model's output differs by \(distance)")
        // The bias before a batch norm has no effect on the loss: its gradient is rounding error, by which Adam moves it
        // nevertheless, in the reference too. The running means then lag behind it.
        #expect(distance < (network.configuration.distilling && network.configuration.encoderLayers > 1 ? 1e-3 : 2e-5))
    }

    func compareGradients(_ replay: Replay) throws {
        let ours = Dictionary(
            uniqueKeysWithValues: replay.network.parameters.exportedGradients().map { ($0.name, $0) }
        )
        let expected = try replay.file.all("grad.")
        #expect(!expected.isEmpty && expected.count == ours.count)
        let overall = expected.flatMap(\.elements).reduce(0) { max($0, abs($1)) }
        for gradient in expected {
            let found = try #require(ours[gradient.name], "\(gradient.name)")
            #expect(found.sizes == gradient.sizes, "\(gradient.name)")
            // Gradients that vanish (a key's bias moves no softmax) are rounding errors in both.
            let largest = max(gradient.elements.reduce(0) { max($0, abs($1)) }, 1e-3 * overall)
            let distance = Self.distance(found.elements, gradient.elements)
            #expect(distance < 1e-4 * largest, "\(gradient.name): \(distance) of \(largest)")
        }
    }

    @Test("the output in training is that of the reference", arguments: ParityFile.all)
    func trainingOutput(_ file: ParityFile) throws {
        let replay = try Replay(file, threads: 1, .best)
        let output = try replay.output("train.0", training: true)
        #expect(Self.distance(output.elements, try file.floats("train.0.output").elements) < 2e-5)
    }
}
