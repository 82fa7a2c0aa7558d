// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeTestSupport

/// A namespace of a real cluster on which the operator runs, used as people use it: by kubectl.
struct RealCluster: Sendable {
    /// Why there is none to test on; nil where there is one.
    static let unavailable: String? = {
        if environment["ALMANAC_E2E_KUBECONFIG"] != nil { return nil }
        let reason = "ALMANAC_E2E_KUBECONFIG is not set; 'make test' as root makes a cluster and sets it"
        print("skipped: end-to-end tests: \(reason)")
        return reason
    }()

    /// For `.enabled(if:)`.
    static var isAvailable: Bool { unavailable == nil }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// The address under which pods reach servers of this machine.
    static var hostAddress: String { environment["ALMANAC_E2E_HOST"] ?? "127.0.0.1" }

    let namespace: String

    /// Makes a namespace; its service account comes a moment later.
    static func make(_ name: String) async throws -> RealCluster {
        let cluster = RealCluster(namespace: "\(name)-\(UInt16.random(in: 0...UInt16.max))")
        try cluster.kubectl("create", "namespace", cluster.namespace)
        try await cluster.until("there is a service account") {
            try cluster.get("serviceaccounts", "{.items[*].metadata.name}").contains("default")
        }
        return cluster
    }

    /// Runs kubectl in the namespace and returns what it prints; throws where it fails.
    @discardableResult
    func kubectl(_ arguments: String...) throws -> String { try run(arguments) }

    private func run(_ arguments: [String]) throws -> String {
        let kubeconfig = Self.environment["ALMANAC_E2E_KUBECONFIG"] ?? ""
        let child = try ChildProcess(
            "/usr/bin/env",
            ["kubectl", "--kubeconfig", kubeconfig, "--namespace", namespace] + arguments
        )
        let output = child.readToEnd().trimmingCharacters(in: .whitespacesAndNewlines)
        guard child.waitForSuccess() else {
            throw Failure(description: "kubectl \(arguments.joined(separator: " ")): \(output)")
        }
        return output
    }

    /// Applies YAML. A server that knows no rules in schemas gets no rules to check, hence no strict validation.
    func apply(_ yaml: String) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).yaml")
        try Data(yaml.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try kubectl("apply", "-f", file.path)
    }

    /// A part of an object or a list, by JSONPath.
    func get(_ what: String, _ path: String) throws -> String {
        try run(
            ["get"] + what.split(separator: " ").map(String.init) + ["--ignore-not-found", "-o", "jsonpath=\(path)"]
        )
    }

    /// A condition's part.
    func condition(_ what: String, _ type: String, _ part: String) throws -> String {
        try get(what, "{.status.conditions[?(@.type==\"\(type)\")].\(part)}")
    }

    /// Waits at most two minutes until something holds; tells what there is where it does not.
    func until(_ what: String, seconds: Int = 120, _ holds: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if try holds() { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        let state = (try? kubectl("get", "fpipe,frun,fsvc,jobs,pods,pvc", "-o", "wide")) ?? ""
        let events = (try? kubectl("get", "events", "--sort-by=.lastTimestamp")) ?? ""
        throw Failure(description: "waited in vain until \(what)\n\(state)\n\(events)")
    }

    /// Waits until a service answers with that version.
    func serving(_ version: String, _ service: String) async throws {
        try await until("version \(version) is served") {
            try get("fsvc \(service)", "{.status.stable}") == version
                && condition("fsvc \(service)", "Ready", "status") == "True"
        }
    }

    /// Where the service of that name, for a model of the same name, takes requests for forecasts.
    func address(of service: String) throws -> String {
        "http://\(try get("service \(service)", "{.spec.clusterIP}"))/v1/models/\(service):predict"
    }

    /// The operator's arguments, as JSON.
    func operatorArguments() throws -> String {
        let path = "{.spec.template.spec.containers[0].args}"
        return try get("deployment almanac-operator --namespace almanac-system", path)
    }

    /// Runs the operator with other arguments, given as JSON, and waits until only such processes are left.
    func setOperatorArguments(_ arguments: String) async throws {
        let patch = #"[{"op":"replace","path":"/spec/template/spec/containers/0/args","value":\#(arguments)}]"#
        let target = ["deployment", "almanac-operator", "--namespace", "almanac-system"]
        _ = try run(["patch"] + target + ["--type=json", "--patch", patch])
        _ = try run(["rollout", "status"] + target + ["--timeout=60s"])
        try await until("the former operators are gone") {
            try get("pods --namespace almanac-system", "{.items[*].metadata.name}").split(separator: " ").count == 2
        }
    }

    /// Removes the namespace without waiting for it.
    func remove() { _ = try? kubectl("delete", "namespace", namespace, "--wait=false") }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }
}
