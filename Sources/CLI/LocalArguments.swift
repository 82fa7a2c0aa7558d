// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import HTTPTransport

/// What the commands that run a pipeline on this machine share.
struct LocalArguments: ParsableArguments {
    @Flag(help: "Serve the promoted version, ask it for a forecast, draw it, and stop.")
    var serve = false

    @Flag(help: "As --serve, but go on serving until Ctrl-C.")
    var keepServing = false

    @Option(help: ArgumentHelp("Where models, data sets and results are kept.", valueName: "folder"))
    var store = ".almanac"

    @Option(help: "Namespace instead of the file's.")
    var namespace: String?

    @Option(help: ArgumentHelp("The worker program. Default: almanac-worker beside this one.", valueName: "file"))
    var worker: String?

    @Option(
        help: ArgumentHelp("Folder in place of Secrets: <folder>/<secret>/<key> holds a value.", valueName: "folder")
    )
    var secrets: String?

    @Option(
        help: ArgumentHelp(
            "Of several series, the one that is asked for and drawn, for instance store=north,item=3. Default: the first.",
            valueName: "series"
        )
    )
    var series: String?

    @Option(help: ArgumentHelp("Where the picture goes. Default: <store>/<pipeline>.svg.", valueName: "file"))
    var svg: String?

    func validate() throws {
        if let namespace, !ObjectName.isValid(namespace) { throw ValidationError("--namespace \(ObjectName.rule)") }
    }

    /// Runs the pipeline of a file; weights that were trained elsewhere take the place of a training.
    func runPipeline(_ path: String, weights: String? = nil) async throws {
        let console = Console.standard()
        do {
            let file = try PipelineFile(path: path)
            var options = try options()
            options.weights = weights.map { URL(fileURLWithPath: $0) }
            let local = LocalPipeline(
                pipeline: file.pipeline,
                folder: file.url.deletingLastPathComponent(),
                options: options,
                console: console,
                transport: CurlTransport()
            )
            let status = try await Interruption.cancelling { try await local.run() }
            if status != 0 { throw ExitCode(status) }
        } catch let error as CLIError {
            console.writeError("\(error)\n")
            throw ExitCode(error.exitStatus)
        }
    }

    private func options() throws -> RunOptions {
        let beside = Bundle.main.executableURL?.deletingLastPathComponent().appendingPathComponent("almanac-worker")
        let program = worker.map { URL(fileURLWithPath: $0) } ?? beside ?? URL(fileURLWithPath: "almanac-worker")
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw CLIError.workerNotFound(path: program.path)
        }
        return RunOptions(
            store: URL(fileURLWithPath: store),
            namespace: namespace,
            worker: program,
            serve: serve,
            keepServing: keepServing,
            series: series.map(SeriesArgument.init),
            svg: svg.map { URL(fileURLWithPath: $0) },
            secrets: secrets.map { URL(fileURLWithPath: $0) }
        )
    }
}
