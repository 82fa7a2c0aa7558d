// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import HTTPTransport

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

    @Option(help: ArgumentHelp("Where the picture goes. Default: <store>/<pipeline>.svg.", valueName: "file"))
    var svg: String?

    func validate() throws {
        if let namespace, !ObjectName.isValid(namespace) { throw ValidationError("--namespace \(ObjectName.rule)") }
    }

    func run() async throws {
        let console = Console.standard()
        do {
            let file = try PipelineFile(path: file)
            let local = LocalPipeline(
                pipeline: file.pipeline,
                folder: file.url.deletingLastPathComponent(),
                options: try options(),
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
            svg: svg.map { URL(fileURLWithPath: $0) }
        )
    }
}
