// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ForecastAPI
import Foundation
import KubeCore

/// `almanac runs`
struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "Lists, explains, compares, repeats and ends runs on a cluster.",
        discussion: """
            Exit status: 0 done, 66 there is no such run, 69 the cluster does not answer, 75 the run is not far enough, \
            77 not allowed, 78 there is no cluster, or a changed field is wrong.
            """,
        subcommands: [List.self, Show.self, Diff.self, Clone.self, Cancel.self]
    )

    /// Writes an error of ours as one line, and exits with its status.
    static func reporting(_ console: Console, _ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch let error as CLIError {
            console.writeError("\(error)\n")
            throw ExitCode(error.exitStatus)
        }
    }

    /// JSON for programs, as the API has it.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = KubeJSON.encoder()
        encoder.outputFormatting.insert(.prettyPrinted)
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}

extension RunsCommand {
    /// `almanac runs list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists runs, the newest first.")

        @Argument(help: "Only the runs of this pipeline.")
        var pipeline: String?

        @OptionGroup var options: ClusterOptions

        @Flag(name: [.customShort("A"), .long], help: "Those of all namespaces.")
        var allNamespaces = false

        @Option(name: .shortAndLong, help: "How it is written: text or json.")
        var output = OutputFormat.text

        func run() async throws {
            let console = Console.standard()
            try await RunsCommand.reporting(console) {
                let cluster = try options.cluster()
                let runs = try await cluster.runs(of: pipeline, everywhere: allNamespaces)
                switch output {
                case .json: console.write(try RunsCommand.json(RunList(items: runs)))
                case .text where runs.isEmpty:
                    let place = allNamespaces ? "the cluster" : "namespace \(cluster.namespace)"
                    console.writeError("there are no runs\(pipeline.map { " of \($0)" } ?? "") in \(place)\n")
                case .text: console.write(RunTable.text(runs, withNamespace: allNamespaces, now: Date()))
                }
            }
        }
    }

    /// `almanac runs show`
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Explains a run: its data, its model, and each step with its attempts."
        )

        @Argument(help: "The run.")
        var run: String

        @OptionGroup var options: ClusterOptions

        @Option(name: .shortAndLong, help: "How it is written: text or json.")
        var output = OutputFormat.text

        func run() async throws {
            let console = Console.standard()
            try await RunsCommand.reporting(console) {
                let found = try await options.cluster().run(run)
                let text = try output == .json ? RunsCommand.json(found) : RunReport(run: found, now: Date()).text
                console.write(text)
            }
        }
    }

    /// `almanac runs diff`
    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compares two runs: what was changed, and what came of it, side by side."
        )

        @Argument(help: "The run to compare with.")
        var first: String

        @Argument(help: "The run that is compared.")
        var second: String

        @OptionGroup var options: ClusterOptions

        @Option(name: .shortAndLong, help: "How it is written: text or json.")
        var output = OutputFormat.text

        func run() async throws {
            let console = Console.standard()
            try await RunsCommand.reporting(console) {
                let cluster = try options.cluster()
                let difference = try await RunDifference(cluster.run(first), cluster.run(second))
                let text = try output == .json ? RunsCommand.json(difference) : difference.text(console.style)
                console.write(text)
            }
        }
    }
}

/// A list as `kubectl get -o json` writes it.
private struct RunList: Encodable {
    var apiVersion = "v1"
    var kind = "List"
    var items: [ForecastRun]

    init(items: [ForecastRun]) {
        // Items of a list lack what the list says once.
        self.items = items.map {
            var run = $0
            run.apiVersion = ForecastRun.resource.apiVersion
            run.kind = ForecastRun.resource.kind
            return run
        }
    }
}
