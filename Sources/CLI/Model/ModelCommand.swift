// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `almanac model`
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Looks after models.",
        subcommands: [ModelImportCommand.self]
    )
}

/// `almanac model import`
struct ModelImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Runs a pipeline with weights that were trained elsewhere in place of a training.",
        discussion: """
            The weights are a safetensors file under the names of the authors' PyTorch code, for instance what \
            safetensors.torch.save_file(model.state_dict(), "weights.safetensors") writes. The pipeline file says the \
            rest: the model's hyperparameters, the data that its scaler and its errors are taken from, and the gate. A \
            message names every tensor that is missing, unexpected or of another shape. docs/informer.md has the names.
            """
    )

    @Argument(help: "The YAML file of the ForecastPipeline.")
    var file: String

    @Argument(help: "The safetensors file.")
    var weights: String

    @OptionGroup var local: LocalArguments

    func run() async throws { try await local.runPipeline(file, weights: weights) }
}
