// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import KubeClient
import Logging
import TimeZones

/// `almanac-operator`: reconciles pipelines, runs and services.
struct OperatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "almanac-operator",
        abstract: "Turns ForecastPipelines into trained, gated and served models.",
        discussion: """
            It finds its cluster as kubectl does: --kubeconfig, then KUBECONFIG, then the service account of its pod, then \
            ~/.kube/config. On SIGTERM it finishes what it is writing, gives its lease back and exits with 0.
            """
    )

    @Option(help: "The image that trains and serves.")
    var workerImage: String

    @Option(help: "When nodes pull that image: Always, IfNotPresent or Never.")
    var workerImagePullPolicy = "IfNotPresent"

    @Option(help: "The size of the volume that a pipeline without spec.store gets.")
    var storeSize = "1Gi"

    @Option(
        help: ArgumentHelp(
            "The one namespace to look at. Default: WATCH_NAMESPACE of the environment, else all.",
            valueName: "namespace"
        )
    )
    var watchNamespace: String?

    @Option(help: ArgumentHelp("The kubeconfig to use.", valueName: "file"))
    var kubeconfig: String?

    @Option(help: ArgumentHelp("The context of the kubeconfig.", valueName: "name"))
    var context: String?

    @Option(help: "The address of /metrics.")
    var metricsBindAddress = "0.0.0.0:8080"

    @Option(help: "The address of /healthz and /readyz.")
    var healthProbeBindAddress = "0.0.0.0:8081"

    @Flag(inversion: .prefixedNo, help: "Whether processes agree on one that writes, by a lease.")
    var leaderElect = true

    @Option(help: ArgumentHelp("The namespace of that lease. Default: the operator's.", valueName: "namespace"))
    var leaderElectNamespace: String?

    @Option(help: "What is logged: trace, debug, info, notice, warning, error or critical.")
    var logLevel = Logger.Level.info.rawValue

    func validate() throws {
        let policies = ["Always", "IfNotPresent", "Never"]
        guard policies.contains(workerImagePullPolicy) else {
            throw ValidationError("--worker-image-pull-policy must be one of \(policies.joined(separator: ", "))")
        }
        guard Logger.Level(rawValue: logLevel) != nil else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--log-level must be one of \(levels)")
        }
        if let namespace = namespaceToWatch, namespace.contains(",") {
            throw ValidationError("--watch-namespace \(namespace): one namespace, or leave it out for all")
        }
        guard !workerImage.isEmpty else { throw ValidationError("--worker-image must name an image") }
        for (option, address) in [
            ("--metrics-bind-address", metricsBindAddress), ("--health-probe-bind-address", healthProbeBindAddress),
        ] where ListenAddress(address) == nil {
            throw ValidationError("\(option) \(address) must be <address>:<port>, for instance 0.0.0.0:8080")
        }
    }

    private var namespaceToWatch: String? {
        let named = watchNamespace ?? ProcessInfo.processInfo.environment["WATCH_NAMESPACE"] ?? ""
        return named.isEmpty ? nil : named
    }

    func run() async throws {
        var logger = Logger(label: "almanac-operator")
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
        let configuration = try KubeConfiguration.load(kubeconfig: kubeconfig, context: context)
        let program = OperatorProgram(
            configuration: configuration,
            options: OperatorOptions(
                workerImage: workerImage,
                workerImagePullPolicy: workerImagePullPolicy,
                storeSize: storeSize,
                watchNamespace: namespaceToWatch,
                zones: ZoneDatabase(environment: ProcessInfo.processInfo.environment)
            ),
            leaseNamespace: leaderElect ? leaderElectNamespace ?? configuration.namespace : nil,
            logger: logger
        )
        guard let metrics = ListenAddress(metricsBindAddress), let health = ListenAddress(healthProbeBindAddress)
        else { return }
        try await program.run(metrics: metrics, health: health)
    }
}

/// The program.
package enum OperatorMain {
    /// Reads the command line, does what it says and exits.
    package static func main() async {
        MemoryAllocator.keepSmall()
        await OperatorCommand.main()
    }
}
