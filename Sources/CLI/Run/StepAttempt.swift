// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore

/// One attempt of a step: the request goes in as a file, the worker runs, the result comes back as a file.
struct StepAttempt: Sendable {
    /// The worker program.
    let worker: URL
    /// What is asked of it.
    let request: StepRequest
    /// Folder for the request and the result.
    let folder: URL
    /// Counts from 1.
    let number: Int

    /// What came of an attempt.
    struct Outcome: Sendable, Equatable {
        /// The step's result, or why there is none.
        var state: StepObservation.State
        /// The worker's exit status, or that of a bug when it was killed.
        var exitStatus: Int32
    }

    /// Runs the worker; `onProgress` gets what it says of its progress.
    func run(onProgress: @escaping @Sendable (WorkerProgress) -> Void) async throws -> Outcome {
        let requestFile = folder.appendingPathComponent("\(request.step)-\(number).request.json")
        let resultFile = folder.appendingPathComponent("\(request.step)-\(number).result.json")
        try KubeJSON.encoder().encode(request).write(to: requestFile)
        let process = ChildProcess(
            executable: worker,
            arguments: [
                "run", "--request", requestFile.path, "--result", resultFile.path, "--progress", "json",
            ]
        )
        let tail = LastLines()
        let ending = try await process.run { line in
            switch line {
            case .output(let text), .error(let text):
                if let progress = WorkerProgress.decode(text) { onProgress(progress) } else { tail.add(text) }
            }
        }
        let text = try? String(contentsOf: resultFile, encoding: .utf8)
        return Self.outcome(of: ending, result: text.flatMap(StepResult.decode), log: tail.text)
    }

    /// Reads a worker's end as the operator reads a pod's.
    static func outcome(of ending: ChildProcess.Ending, result: StepResult?, log: String) -> Outcome {
        let said = log.isEmpty ? "" : "; it said last: \(log)"
        func failed(_ message: String, status: Int32) -> Outcome {
            let failure = result?.failure ?? StepFailure(reason: reason(of: status), message: message + said)
            let isRetryable = WorkerExitCode(rawValue: status)?.isRetryable ?? false
            return Outcome(state: .failed(failure, isRetryable: isRetryable), exitStatus: status)
        }
        let bug = WorkerExitCode.internalError.rawValue
        switch ending {
        case .exited(0):
            guard let result else { return failed("the worker ended well but wrote no result", status: bug) }
            guard result.failure == nil else { return failed("", status: bug) }
            return Outcome(state: .succeeded(result), exitStatus: 0)
        case .exited(let status):
            return failed("the worker ended with exit status \(status)", status: status)
        case .killed(let signal):
            let hint = signal == SIGKILL ? "; the machine may have run out of memory" : ""
            return failed("the worker was ended by signal \(signal)\(hint)", status: bug)
        }
    }

    private static func reason(of status: Int32) -> Reason {
        switch WorkerExitCode(rawValue: status) {
        case .badData: .badData
        case .unreachable: .sourceUnreachable
        case .badSpecification: .invalidSpec
        case .success, .internalError, .tryAgain, nil: .workerFailed
        }
    }
}
