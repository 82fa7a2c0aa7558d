// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore

/// Pipelines that were run on this machine, with their status: what the API server keeps on a cluster.
struct LocalState {
    /// Folder of the store.
    let store: URL

    /// The file of a pipeline.
    func file(_ name: String, namespace: String) -> URL {
        store.appendingPathComponent("local/\(namespace)/\(name).json")
    }

    /// The pipeline as the last run left it; nil before the first.
    func load(_ name: String, namespace: String) throws -> ForecastPipeline? {
        let file = file(name, namespace: namespace)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        do {
            return try KubeJSON.decoder().decode(ForecastPipeline.self, from: Data(contentsOf: file))
        } catch {
            let reason = "\(file.path) is damaged; delete it to start anew"
            throw CLIError.storeFailed(path: store.path, reason: reason)
        }
    }

    /// Replaces the pipeline's file at once, so that a reader never sees half of one.
    func save(_ pipeline: ForecastPipeline) throws {
        let file = file(pipeline.metadata.name, namespace: pipeline.metadata.namespace ?? "default")
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try KubeJSON.encoder().encode(pipeline).write(to: file, options: .atomic)
        } catch {
            throw CLIError.storeFailed(path: store.path, reason: (error as NSError).localizedDescription)
        }
    }

    /// The pipeline that a new run belongs to: what the file says, with the identity and status of the last run.
    ///
    /// Each call is a new generation, as each new `spec.runRequest` is on a cluster.
    func nextGeneration(of written: ForecastPipeline, now: Date) throws -> (ForecastPipeline, RunTrigger) {
        let namespace = written.metadata.namespace ?? "default"
        let previous = try load(written.metadata.name, namespace: namespace)
        var pipeline = written
        pipeline.metadata.namespace = namespace
        pipeline.metadata.creationTimestamp = previous?.metadata.creationTimestamp ?? now
        pipeline.metadata.generation = (previous?.metadata.generation ?? 0) + 1
        pipeline.metadata.annotations = previous?.metadata.annotations
        pipeline.status = previous?.status
        let isChanged = previous.map { $0.spec.template != written.spec.template } ?? true
        return (pipeline, isChanged ? .specChange : .runRequest)
    }
}
