// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeClient
import KubeCore

/// The runs of one namespace of a cluster. Its methods throw `CLIError`, which says what to do.
struct RunCluster: Sendable {
    let client: KubeClient
    /// The server's URL, for messages.
    let server: String
    let namespace: String

    /// All runs, the newest first; those of one pipeline where it is named, of all namespaces where that is asked.
    func runs(of pipeline: String? = nil, everywhere: Bool = false) async throws -> [ForecastRun] {
        let found = try await asking {
            try await client.list(ForecastRun.self, namespace: everywhere ? nil : namespace).items
        }
        func age(_ run: ForecastRun) -> (Date, ObjectKey) { (run.metadata.creationTimestamp ?? .distantPast, run.key) }
        return found.filter { pipeline == nil || $0.spec.pipelineRef.name == pipeline }.sorted { age($0) > age($1) }
    }

    /// The run of that name.
    func run(_ name: String) async throws -> ForecastRun {
        do {
            return try await client.get(ForecastRun.self, namespace: namespace, name: name)
        } catch let error as KubeError where error.isNotFound {
            let names = try await runs().map(\.metadata.name)
            throw CLIError.runNotFound(name: name, namespace: namespace, others: names)
        } catch let error as KubeError {
            throw CLIError.refused(error, namespace: namespace)
        }
    }

    /// Makes a run.
    func create(_ run: ForecastRun) async throws -> ForecastRun {
        try await asking { try await client.create(run) }
    }

    /// Asks for the end of a run.
    func cancel(_ run: ForecastRun) async throws {
        let place = "namespaces/\(namespace)/\(ForecastRun.resource.plural)/\(run.metadata.name)"
        // With the UID, so that another run of that name is left alone.
        let metadata: JSONValue = .object(run.metadata.uid.map { ["uid": .string($0)] } ?? [:])
        let body = JSONValue.object(["metadata": metadata, "spec": .object(["cancel": .bool(true)])])
        let request = KubeRequest(
            .patch,
            path: "/apis/\(ForecastRun.resource.apiVersion)/\(place)",
            query: [KubeRequest.QueryItem("fieldManager", "almanac")],
            contentType: "application/merge-patch+json",
            body: try KubeJSON.encoder().encode(body),
            description: "cancel \(ForecastRun.resource) \(run.key)"
        )
        _ = try await asking { try await client.send(request) }
    }

    private func asking<Answer>(_ call: () async throws -> Answer) async throws -> Answer {
        do {
            return try await call()
        } catch let error as KubeError where error.isNotFound {
            throw CLIError.notInstalled(server: server)
        } catch let error as KubeError {
            throw CLIError.refused(error, namespace: namespace)
        }
    }
}
