// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser

/// `almanac-worker`: does the steps of runs, and serves models.
package struct WorkerCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "almanac-worker",
        abstract: "Does one step of a forecast run, or serves a model.",
        subcommands: [RunCommand.self, ServeCommand.self]
    )

    package init() {}
}
