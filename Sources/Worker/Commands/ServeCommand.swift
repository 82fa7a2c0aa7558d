// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ForecastAPI
import Foundation
import HTTPTransport
import KubeCore
import Logging
import Tensor

/// `almanac-worker serve`: serves one model.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves a model of the store in the protocols of KServe, MLflow and Open Inference, and its own.",
        discussion: """
            The model is loaded and its digests are verified before anything listens. On SIGTERM the server says that it \
            is not ready, goes on answering for --drain-seconds, finishes what is in flight and exits with 0.
            """
    )

    @Option(help: ArgumentHelp("The folder of the store.", valueName: "folder"))
    var store: String?

    @Option(help: ArgumentHelp("A store in a bucket, in place of --store: the block spec.store.s3.", valueName: "JSON"))
    var s3: String?

    @Option(help: ArgumentHelp("Where Secrets are: <folder>/<secret>/<key> holds a value.", valueName: "folder"))
    var secrets: String?

    @Option(
        help: ArgumentHelp(
            "models/<namespace>/<pipeline>/<version>, below the store; for a bucket, s3://<bucket>/<prefix>/ before it.",
            valueName: "path"
        )
    )
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
        guard (store == nil) != (s3 == nil) else { throw ValidationError("give one of --store and --s3") }
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be from 0 to 65535") }
        guard (0...3_600).contains(drainSeconds) else {
            throw ValidationError("--drain-seconds must be from 0 to 3600")
        }
    }

    func run() async throws {
        // One request is answered by one thread; more would only wait for each other.
        BLAS.setThreadCount(1)
        do {
            try await serve(load())
        } catch {
            throw report(error)
        }
    }

    private func load() async throws -> ServedModel {
        let (model, name) = (model, name)
        let place = StorePlace(
            folder: store ?? "",
            s3: try bucket(),
            secrets: Secrets(path: secrets, namespace: ""),
            transport: CurlTransport()
        )
        return try await place.withStore { store in
            try await LongWork.finish {
                let processors = ProcessInfo.processInfo.activeProcessorCount
                let calls = CPULimit.current().threads(processors: processors)
                return try ServedModel.load(model, store: store, name: name, calls: calls)
            }
        }
    }

    private func bucket() throws(WorkerError) -> S3StoreSpec? {
        guard let s3 else { return nil }
        do {
            return try KubeJSON.decoder().decode(S3StoreSpec.self, from: Data(s3.utf8))
        } catch {
            throw .invalidSpec(problems: "--s3 is not the block spec.store.s3 as JSON: \(error)")
        }
    }

    private func serve(_ model: ServedModel) async throws {
        var logger = Logger(label: "almanac-worker")
        logger.logLevel = .warning
        let server = ModelServer(
            shelf: ModelShelf(model),
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
