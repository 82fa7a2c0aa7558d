// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The program `almanac`, for its main.
package enum AlmanacProgram {
    /// Runs the command that the process's arguments name; ends the process with its exit status.
    package static func main() async { await AlmanacCommand.main() }
}

/// Its commands.
struct AlmanacCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "almanac",
        abstract: "Runs forecast pipelines on this machine, and looks after runs on a cluster.",
        version: version,
        subcommands: [
            RunCommand.self, RunsCommand.self, ModelCommand.self, ScheduleCommand.self, VersionCommand.self,
        ]
    )

    static let version = "0.1.0"
}

/// `almanac version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Prints the version.")

    func run() { print(AlmanacCommand.version) }
}
