// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import HTTPTransport
import KubeClient

/// The flags by which every command on a cluster finds it, as kubectl's.
struct ClusterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The kubeconfig to use. Default: KUBECONFIG, else the pod's service account, else ~/.kube/config.",
            valueName: "file"
        )
    )
    var kubeconfig: String?

    @Option(help: ArgumentHelp("The context of the kubeconfig. Default: its current one.", valueName: "name"))
    var context: String?

    @Option(name: .shortAndLong, help: "The namespace. Default: that of the context.")
    var namespace: String?

    func validate() throws {
        if let namespace, !ObjectName.isValid(namespace) { throw ValidationError("--namespace \(ObjectName.rule)") }
    }

    /// The cluster that they name.
    func cluster() throws -> RunCluster {
        let configuration: KubeConfiguration
        do {
            configuration = try KubeConfiguration.load(kubeconfig: kubeconfig, context: context)
        } catch let error as KubeError {
            throw CLIError.noCluster(reason: "\(error)")
        }
        let options = KubeClient.Options(userAgent: "almanac/\(AlmanacCommand.version)")
        let transport = CurlTransport(configuration.transport())
        return RunCluster(
            client: KubeClient(configuration: configuration, transport: transport, options: options),
            server: configuration.server,
            namespace: namespace ?? configuration.namespace
        )
    }
}

/// How a command writes what it found.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    /// For people.
    case text
    /// For programs.
    case json
}
