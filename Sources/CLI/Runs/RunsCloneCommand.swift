// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ForecastAPI
import Foundation
import KubeCore

extension RunsCommand {
    /// `almanac runs clone`
    struct Clone: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs a run again, with other settings where --set names some.",
            discussion: #"""
                --set takes a path within the template and a YAML value: model.lookback=168, \#
                model.nlinear.individual=true, 'series.targets=[a, b]'. A model block takes the place of the one that is \#
                there. The value null removes a field, and a dot within a name is written \. so that it does not part it.

                A clone's model is compared with the gate and kept; it is never promoted by itself.
                """#
        )

        @Argument(help: "The run to repeat.")
        var run: String

        @Option(name: .long, help: ArgumentHelp("A field of the template to change.", valueName: "path=value"))
        var set: [OverrideArgument] = []

        @Option(help: "The name of the new run. Default: made up from that of the pipeline.")
        var name: String?

        @OptionGroup var options: ClusterOptions

        func validate() throws {
            if let name, !ObjectName.isValid(name) { throw ValidationError("--name \(ObjectName.rule)") }
        }

        func run() async throws {
            let console = Console.standard()
            try await RunsCommand.reporting(console) {
                let cluster = try options.cluster()
                let origin = try await cluster.run(run)
                let name = name ?? Self.newName(for: origin)
                let made = try await cluster.create(Self.clone(of: origin, named: name, set))
                let changes = set.isEmpty ? "nothing changed" : set.map(\.text).joined(separator: ", ")
                console.write("run \(made.metadata.name) made from \(origin.metadata.name): \(changes)\n")
                console.writeError("follow it with: almanac runs show \(made.metadata.name)\n")
            }
        }

        /// The clone, after the checks that the operator makes, so that mistakes are told here.
        static func clone(of origin: ForecastRun, named name: String, _ set: [OverrideArgument]) throws -> ForecastRun {
            guard let template = origin.template else {
                let reason = "was not taken up, so nothing can be repeated"
                throw CLIError.emptyRun(name: origin.metadata.name, reason: reason)
            }
            let overrides = set.isEmpty ? nil : TemplateOverrides(OverrideArgument.patch(set))
            if case .problems(let problems) = try overrides?.applied(to: template) {
                throw CLIError.badOverrides(problems)
            }
            let clone = ForecastRun(
                metadata: ObjectMeta(
                    name: name,
                    namespace: origin.metadata.namespace,
                    labels: [Naming.pipelineLabel: origin.spec.pipelineRef.name]
                ),
                spec: ForecastRunSpec(
                    pipelineRef: origin.spec.pipelineRef,
                    fromRun: origin.metadata.name,
                    overrides: overrides
                )
            )
            let problems = clone.problems()
            guard problems.isEmpty else { throw CLIError.badOverrides(problems) }
            return clone
        }

        private static func newName(for origin: ForecastRun) -> String {
            let letters = Array("bcdfghjklmnpqrstvwxz2456789")
            let end = String((0..<5).compactMap { _ in letters.randomElement() })
            return Naming.child(of: origin.spec.pipelineRef.name, suffix: "clone-\(end)")
        }
    }

    /// `almanac runs cancel`
    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends a run: its Jobs are deleted, what is promoted stays."
        )

        @Argument(help: "The run to end.")
        var run: String

        @OptionGroup var options: ClusterOptions

        @Option(help: ArgumentHelp("How long to wait for the operator, 0 to 3600.", valueName: "seconds"))
        var wait = 30

        func validate() throws {
            guard (0...3_600).contains(wait) else { throw ValidationError("--wait is \(wait); allowed are 0 to 3600") }
        }

        func run() async throws {
            let console = Console.standard()
            try await RunsCommand.reporting(console) {
                let cluster = try options.cluster()
                console.write(try await Self.cancel(run, in: cluster, patience: .seconds(wait)) + "\n")
            }
        }

        /// Ends a run and says how that went.
        static func cancel(_ name: String, in cluster: RunCluster, patience: Duration) async throws -> String {
            let found = try await cluster.run(name)
            if found.status?.isFinished == true { return "run \(name) has ended before: \(RunState(found).sentence)" }
            try await cluster.cancel(found)
            let deadline = ContinuousClock.now + patience
            while ContinuousClock.now < deadline {
                let current = try await cluster.run(name)
                if current.status?.isFinished == true { return "run \(name): \(RunState(current).sentence)" }
                try await Task.sleep(for: .milliseconds(200))
            }
            return "run \(name) is to end; the operator has not answered yet, 'almanac runs show \(name)' tells"
        }
    }
}
