// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `almanac run`
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs the ForecastPipeline of a YAML file as the operator would.",
        discussion: """
            Exit status: 0 a version was promoted, or waits for spec.promote, or spec.dataChecks left the data out; \
            1 the gate failed, 65 the data cannot be used, 69 the source or the store does not answer, 70 a fault of \
            a program, 78 the file or its specification is wrong.
            """
    )

    @Argument(help: "The YAML file; objects of other kinds in it are passed over.")
    var file: String

    @OptionGroup var local: LocalArguments

    func run() async throws { try await local.runPipeline(file) }
}
