// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ForecastAPI
import Foundation
import Logging
import Tensor

/// `almanac-worker serve`: serves one model.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves a model of the store by KServe's V1 and the Open Inference Protocol v2.",
        discussion: """
            The model is loaded and its digests are verified before anything listens. On SIGTERM the server says that it \
            is not ready, goes on answering for --drain-seconds, finishes what is in flight and exits with 0.
            """
    )

    @Option(help: ArgumentHelp("The folder of the store.", valueName: "folder"))
    var store: String

    @Option(help: ArgumentHelp("models/<namespace>/<pipeline>/<version>, below the store.", valueName: "path"))
    var model: String

    @Option(help: "The model's name for clients. Default: the pipeline's.")
    var name: String?

    @Option(help: "The address to listen on.")
    var host = "0.0.0.0"

    @Option(help: "The port to listen on; 0 for any that is free.")
    var port = 8080

    @Option(help: "How long requests are still answered after SIGTERM.")
    var drainSeconds = 5.0

    @Option(help: ArgumentHelp("Where the reason goes when the model cannot be served.", valueName: "file"))
    var result: String?

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be from 0 to 65535") }
        guard (0...3_600).contains(drainSeconds) else {
            throw ValidationError("--drain-seconds must be from 0 to 3600")
        }
    }

    func run() async throws {
        // One request is answered by one thread; more would only wait for each other.
        BLAS.setThreadCount(1)
        do {
            let (model, store, name) = (model, store, name)
            let loaded = try await LongWork.finish {
                let processors = ProcessInfo.processInfo.activeProcessorCount
                let calls = CPULimit.current().threads(processors: processors)
                return try ServedModel.load(model, store: store, name: name, calls: calls)
            }
            try await serve(loaded)
        } catch {
            throw report(error)
        }
    }

    private func serve(_ model: ServedModel) async throws {
        var logger = Logger(label: "almanac-worker")
        logger.logLevel = .warning
        let server = ModelServer(
            model: model,
            host: host,
            port: port,
            drain: .milliseconds(Int64(drainSeconds * 1_000)),
            logger: logger
        )
        try await server.run()
    }

    /// Says why nothing is served, in the words that the operator reads.
    private func report(_ error: any Error) -> ExitCode {
        let outcome = StepRunner.Outcome(StepResult(step: "serve"), failed: error)
        if let failure = outcome.result.failure {
            let line = "\(failure.reason.rawValue): \(failure.message)\n"
            try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
        }
        try? ResultFile(asked: result).write(outcome.result)
        return ExitCode(outcome.exitCode.rawValue)
    }
}
