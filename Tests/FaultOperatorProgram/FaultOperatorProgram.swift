// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FaultOperator
import Foundation
import HTTPTransport
import KubeClient
import KubeRuntime
import Logging

/// One process of the test operator, for what only a process can suffer: SIGKILL and SIGSTOP.
///
/// Arguments: its name, the API server's URL, the file of its authority, the namespace. It stands by until it leads, as a
/// real operator does, exits with 1 when it loses the lease, and ends with its standard input.
@main
enum FaultOperatorProgram {
    static func main() async {
        let words = CommandLine.arguments
        guard words.count == 5 else { exit(64) }
        let process = FaultOperator(
            words[1],
            configuration: KubeConfiguration(
                server: words[2],
                tls: CurlTransport.TLS(ca: .file(words[3]))
            ),
            namespace: words[4],
            options: options,
            environment: .live(logger: Logger(label: words[1]) { _ in SwiftLogNoOpLogHandler() }),
            onLoss: { _ in exit(1) }
        )
        Thread.detachNewThread {
            while readLine() != nil {}
            exit(0)
        }
        do { try await process.run() } catch { exit(1) }
    }

    private static var options: FaultOperator.Options {
        var options = FaultOperator.Options()
        options.election = LeaderStateMachine.Timing(
            leaseDuration: .milliseconds(1500),
            renewDeadline: .seconds(1),
            retryPeriod: .milliseconds(200)
        )
        options.pause = .milliseconds(5)
        return options
    }
}
