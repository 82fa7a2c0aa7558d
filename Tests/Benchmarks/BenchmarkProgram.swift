// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import KubeTestSupport

/// `make bench`: measures the release programs against what else there is, in one run, and prints both.
@main
struct BenchmarkProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "almanac-bench",
        abstract: "Measures the release build of the operator against a real API server on this machine."
    )

    @Option(help: "The release build of almanac-operator.")
    var operatorProgram = ".build/release/almanac-operator"

    @Option(help: "How many pipelines are created at once.")
    var pipelines = 500

    @Option(help: "How many pipelines at rest are held; 0 leaves that part out.")
    var cached = 2_500

    @Option(help: "How many pipelines a large cluster has; 0 leaves that part out.")
    var large = 2_000

    @Option(help: "How many schedules are due in the same minute; 0 leaves that part out.")
    var scheduled = 1_000

    @Option(help: "How long the cluster at rest is watched, in seconds.")
    var rest = 60

    func run() async throws {
        guard TestControlPlane.isAvailable else { return }
        let cluster = try await BenchmarkCluster.start(operatorProgram: operatorProgram)
        defer { cluster.plane.stop() }
        let report = Report()
        try await OperatorBenchmark(cluster: cluster, report: report).run(
            pipelines: pipelines,
            cached: cached,
            large: large,
            scheduled: scheduled,
            rest: .seconds(rest)
        )
        report.printTable()
    }
}
