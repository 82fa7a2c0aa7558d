// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import KubeCore
import WorkerRuntime

/// Removes from the store what nobody needs any more. It never fails a step: what could not be removed is left to the
/// next run.
struct CleanupTask: Sendable {
    let retention: RetentionRequest

    func run(_ context: StepContext) async {
        let request = context.request
        do {
            let rule = try ArtifactRetention(
                address: ArtifactAddress(
                    namespace: request.namespace,
                    pipeline: request.pipeline,
                    version: request.version
                ),
                keptVersions: retention.keepVersions,
                protectedVersions: Set(retention.versions),
                run: request.run,
                runCreated: KubeTime.format(request.createdTime),
                protectedRuns: Set(retention.runs)
            )
            let now = Int64(context.now().timeIntervalSince1970)
            let report = try await LongWork.finish { context.store.clean(rule, now: now) }
            if !report.removed.isEmpty { say("removed \(report.removed.joined(separator: ", "))", context) }
            for failure in report.failures { say("\(failure); the next run tries again", context) }
        } catch {
            say("nothing was cleaned up: \(error)", context)
        }
        await forget(context)
    }

    /// Removes what services have left that remember nothing any more.
    private func forget(_ context: StepContext) async {
        guard let services = retention.services else { return }
        let forgotten = ForgottenServices(namespace: context.request.namespace, kept: Set(services))
        let now = Int64(context.now().timeIntervalSince1970)
        do {
            let sentences = try await LongWork.finish { try forgotten.remove(from: context.store, now: now) }
            for sentence in sentences { say(sentence, context) }
        } catch {
            say("remembered forecasts were not cleaned up: \(error)", context)
        }
    }

    private func say(_ message: String, _ context: StepContext) {
        context.report(.publish, message)
    }
}
