// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `almanac-worker`: does the steps of runs, and serves models.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "almanac-worker",
        abstract: "Does one step of a forecast run, or serves a model.",
        subcommands: [RunCommand.self, ServeCommand.self]
    )
}

/// The program.
package enum WorkerProgram {
    /// Reads the command line, does what it says and exits.
    package static func main() async {
        await WorkerCommand.main()
    }
}
