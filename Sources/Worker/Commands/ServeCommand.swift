// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ForecastAPI
import Foundation
import HTTPTransport
import KubeCore
import Serving
import Tensor
import WorkerRuntime

/// `almanac-worker serve`: serves one model, or the versions that a file names.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves a model of the store in the protocols of KServe, MLflow and Open Inference, and its own.",
        discussion: """
            With --model, the model is loaded, verified and has made a forecast before anything listens. With \
            --configuration the server listens at once, is ready when the stable version has made a forecast, and follows \
            the file: new versions are taken up without a restart, and what cannot be loaded leaves what is served as it \
            is. On SIGTERM the server says that it is not ready, goes on answering for --drain-seconds, finishes what is \
            in flight and exits with 0.
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
    var model: String?

    @Option(
        help: ArgumentHelp(
            "What to serve, in place of --model: versions, shares and limits. It is read again when it changes.",
            valueName: "file"
        )
    )
    var configuration: String?

    @Option(help: "The model's name for clients, with --model. Default: the pipeline's.")
    var name: String?

    @OptionGroup(title: "Access")
    var access: ServeAccessOptions

    @Flag(help: "Write a line of JSON for each request to the standard output.")
    var accessLog = false

    @Option(help: "The address to listen on.")
    var host = "0.0.0.0"

    @Option(help: "The port to listen on; 0 for any that is free.")
    var port = 8080

    @Option(help: "A second port, for health, metrics and the operator's report; 0 for any free one. Default: none.")
    var adminPort: Int?

    @Option(help: "How long requests are still answered after SIGTERM.")
    var drainSeconds = 5.0

    @Option(help: ArgumentHelp("Where the reason goes when the model cannot be served.", valueName: "file"))
    var result: String?

    func validate() throws {
        guard (store == nil) != (s3 == nil) else { throw ValidationError("give one of --store and --s3") }
        guard (model == nil) != (configuration == nil) else {
            throw ValidationError("give one of --model and --configuration")
        }
        guard configuration == nil || name == nil else { throw ValidationError("--name goes with --model") }
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be from 0 to 65535") }
        guard (0...65_535).contains(adminPort ?? 0) else {
            throw ValidationError("--admin-port must be from 0 to 65535")
        }
        guard (0...3_600).contains(drainSeconds) else {
            throw ValidationError("--drain-seconds must be from 0 to 3600")
        }
    }

    func run() async throws {
        // One request is answered by one thread; more would only wait for each other.
        BLAS.setThreadCount(1)
        do {
            var process = ServingProcess(content, from: try place(), processors: processors)
            process.access = access.access
            (process.host, process.port, process.adminPort) = (host, port, adminPort)
            process.drain = .milliseconds(Int64(drainSeconds * 1_000))
            process.logsRequests = accessLog
            try await process.run()
        } catch {
            throw report(error)
        }
    }

    /// `validate` has seen that there is one of the two.
    private var content: ServingProcess.Content {
        configuration.map { .configuration(path: $0) } ?? .model(uri: model ?? "", name: name)
    }

    private func place() throws -> StorePlace {
        StorePlace(
            folder: store ?? "",
            s3: try bucket(),
            secrets: Secrets(path: secrets, namespace: ""),
            transport: CurlTransport()
        )
    }

    private var processors: Int {
        CPULimit.current().threads(processors: ProcessInfo.processInfo.activeProcessorCount)
    }

    private func bucket() throws(WorkerError) -> S3StoreSpec? {
        guard let s3 else { return nil }
        do {
            return try KubeJSON.decoder().decode(S3StoreSpec.self, from: Data(s3.utf8))
        } catch {
            throw .invalidSpec(problems: "--s3 is not the block spec.store.s3 as JSON: \(error)")
        }
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
