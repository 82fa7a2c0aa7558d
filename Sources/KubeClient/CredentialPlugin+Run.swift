// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

extension CredentialPlugin {
    /// Runs the program and reads its answer.
    ///
    /// Blocks its thread, for as long as `timeLimits` at most. Throws `KubeError.configuration`, which names the file,
    /// the field and what a person can do.
    func run(
        environment inherited: [String: String] = ProcessInfo.processInfo.environment,
        hasTerminal: Bool = isatty(0) == 1,
        timeLimit: Duration? = nil
    ) throws -> PluginCredentials {
        if interactiveMode == .always, !hasTerminal {
            throw failure("'\(command)' needs a terminal (interactiveMode: Always), and there is none")
        }
        let isInteractive = interactiveMode != .never && hasTerminal
        var environment = inherited
        for (name, value) in self.environment { environment[name] = value }
        environment["KUBERNETES_EXEC_INFO"] = try ExecCredential.info(for: self, isInteractive: isInteractive)
        let limit = timeLimit ?? (isInteractive ? Self.timeLimits.interactive : Self.timeLimits.alone)
        let process = BoundedProcess(
            command: command,
            arguments: arguments,
            environment: environment,
            isInteractive: isInteractive,
            timeLimit: limit,
            outputLimit: Self.outputLimit
        )
        do {
            return try ExecCredential.read(process.run(), version: version)
        } catch let error as BoundedProcess.Failure {
            throw describe(error, limit: limit)
        } catch let fault as ExecCredential.Fault {
            throw failure("'\(command)': \(fault.reason)")
        }
    }

    private func describe(_ error: BoundedProcess.Failure, limit: Duration) -> KubeError {
        switch error {
        case .notFound: failure("there is no program '\(command)'", hint: true)
        case .cannotStart(let reason): failure("'\(command)' cannot be started: \(reason)", hint: true)
        case .tooSlow: failure("'\(command)' did not end within \(limit)")
        case .tooMuchOutput: failure("'\(command)' wrote more than \(Self.outputLimit) bytes")
        case .exited(let code): failure("'\(command)' failed with exit code \(code)", hint: true)
        case .killed(let signal): failure("'\(command)' was ended by signal \(signal)", hint: true)
        }
    }
}
