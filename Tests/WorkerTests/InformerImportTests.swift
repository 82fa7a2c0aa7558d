// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import Testing
import WorkerTestSupport

@testable import Serving
@testable import Worker

/// Weights that PyTorch has trained, imported into an artifact that serves.
@Suite(
    "Imported weights",
    .enabled(if: ParityWeights.path != nil, "the weights of the authors' code are not beside the package")
)
struct InformerImportTests {
    private func request(
        _ workspace: Workspace,
        _ change: (inout InformerSpec) -> Void = { _ in }
    ) throws -> StepRequest {
        let file = workspace.folder.appendingPathComponent("weights.safetensors")
        try Data(SafetensorsFile(tensors: ParityWeights().tensors).encoded()).write(to: file)
        var request = workspace.request([.prepare, .train, .evaluate, .publish]) { spec in
            var informer = InformerSpec()
            (informer.dModel, informer.heads, informer.feedForward) = (32, 4, 128)
            (informer.encoderLayers, informer.labelLength) = (1, 12)
            change(&informer)
            spec.model = ModelSpec(lookback: 12, horizon: 6, informer: informer)
        }
        request.importedWeights = file.path
        return request
    }

    @Test("a state dict becomes a version that is scored and serves the very weights")
    func imports() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let outcome = await StepRunner(transport: ScriptedTransport()).run(try request(workspace))
        #expect(outcome.result.failure == nil)
        #expect(outcome.result.training == nil && outcome.result.metrics != nil)
        let uri = try #require(outcome.result.model).uri
        let artifact = try workspace.artifacts.load(workspace.artifacts.address(ofURI: uri))
        let names = Set(artifact.weights.tensors.map(\.name))
        let theirs = try ParityWeights().tensors.filter { !$0.name.hasSuffix(".pe") }
        #expect(names == Set(theirs.map(\.name)))
        #expect(Set(artifact.weights.tensors) == Set(theirs))
        #expect(artifact.manifest.origin.trainedTo == nil)
        let served = try ServedModel.load(uri, store: workspace.artifacts, name: nil)
        let batch = HistoryBatch(values: (0..<12).map { 100 + Double($0) }, batch: 1, ends: [1_704_067_200])
        #expect(try await served.forecast(batch).count == 6)
    }

    @Test("weights of another model, a file that is none, and none at all are clear errors")
    func refused() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let runner = StepRunner(transport: ScriptedTransport())
        let deeper = await runner.run(try request(workspace) { $0.encoderLayers = 2 })
        #expect(deeper.exitCode == .badSpecification && deeper.result.failure?.reason == .invalidSpec)
        #expect(deeper.result.failure?.message.contains("missing: encoder.attn_layers.1.attention.") == true)
        var other = try request(workspace)
        try Data("none".utf8).write(to: workspace.folder.appendingPathComponent("weights.safetensors"))
        let damaged = await runner.run(other)
        #expect(damaged.exitCode == .badSpecification)
        #expect(damaged.result.failure?.message.contains("4 bytes hold no header length") == true)
        other.importedWeights = "/nowhere/weights.safetensors"
        let missing = await runner.run(other)
        #expect(missing.exitCode == .badSpecification)
        #expect(missing.result.failure?.message.contains("/nowhere/weights.safetensors cannot be read") == true)
    }
}
