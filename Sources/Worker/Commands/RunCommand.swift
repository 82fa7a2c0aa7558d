// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ForecastAPI
import Foundation
import HTTPTransport
import Tensor
import UnixSignals
import WorkerRuntime

/// `almanac-worker run`: does the tasks of one request.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Does the tasks of a request file, writes a result file, and exits with a code that says what to do.",
        discussion: """
            Exit codes: 0 done, 65 the data cannot be used, 69 the source or the store does not answer, 70 a fault of \
            this program, 75 stopped before it was done, 78 the request or its specification contradicts itself.
            """
    )

    @Option(help: ArgumentHelp("The request, a JSON file.", valueName: "file"))
    var request: String

    @Option(
        help: ArgumentHelp(
            "Where the result goes. Default: \(ResultFile.terminationLog) where it exists, else the standard output.",
            valueName: "file"
        )
    )
    var result: String?

    @Option(help: "How progress is written to the standard error output.")
    var progress: ProgressReporter.Format = .plain

    func run() async throws {
        let threads = CPULimit.current().threads(processors: ProcessInfo.processInfo.activeProcessorCount)
        BLAS.setThreadCount(threads)
        let outcome = await outcome(threads: threads)
        do {
            try ResultFile(asked: result).write(outcome.result)
        } catch {
            let text = "the result cannot be written: \((error as NSError).localizedDescription)\n"
            try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
            throw ExitCode(WorkerExitCode.internalError.rawValue)
        }
        if let failure = outcome.result.failure, progress == .plain {
            let line = "\(failure.reason.rawValue): \(failure.message)\n"
            try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
        }
        throw ExitCode(outcome.exitCode.rawValue)
    }

    private func outcome(threads: Int) async -> StepRunner.Outcome {
        let loaded: StepRequest
        do {
            loaded = try StepRequest.load(request)
        } catch {
            return StepRunner.Outcome(StepResult(step: "unknown"), failed: error)
        }
        let runner = StepRunner(transport: CurlTransport(), progress: ProgressReporter(progress), threads: threads)
        return await Self.untilSignal { await runner.run(loaded) }
    }

    /// Cancels the work on SIGTERM and SIGINT, and waits for what it then says.
    private static func untilSignal(
        _ work: @escaping @Sendable () async -> StepRunner.Outcome
    ) async -> StepRunner.Outcome {
        await withTaskGroup(of: StepRunner.Outcome?.self) { group in
            group.addTask { await work() }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { break }
                return nil
            }
            for await outcome in group {
                group.cancelAll()
                if let outcome { return outcome }
            }
            return StepRunner.Outcome(StepResult(step: "unknown"), failed: WorkerRuntimeError.stopped)
        }
    }
}

extension ProgressReporter.Format: ExpressibleByArgument {}
