// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
package import Foundation
import KubeClient
import KubeCore
import Parquet
import Scheduling
import TimeZones

/// What bytes are fed to. `.ci/fuzz` runs them with libFuzzer; the tests repeat what it ever found.
package enum FuzzTarget: String, CaseIterable {
    /// A watch's answer, cut into pieces.
    case watch
    /// A kubeconfig.
    case kubeconfig
    /// What a credential plugin writes.
    case plugin
    /// Built-in objects, lists and statuses.
    case object
    /// Our own objects, from the server or from a person's file.
    case pipeline
    /// A cron expression.
    case cron
    /// A zone's file of the time zone database.
    case zone
    /// The end of a worker's log.
    case progress
    /// A Parquet file.
    case parquet

    /// Whether what has to hold for any bytes held. It may neither trap nor run for long.
    package func holds(for bytes: Data) -> Bool {
        switch self {
        case .watch: ClientFuzzing.fuzzWatch(bytes)
        case .kubeconfig: ClientFuzzing.fuzzKubeconfig(bytes)
        case .plugin: ClientFuzzing.fuzzPluginAnswer(bytes)
        case .object: ObjectFuzzing.fuzzObject(bytes)
        case .pipeline: Self.readsPipelines(bytes)
        case .cron: Self.readsCron(bytes)
        case .zone: ZoneFuzzing.fuzzZone(Array(bytes))
        case .progress: Self.readsProgress(bytes)
        case .parquet: ParquetFuzzing.fuzzFile(Array(bytes))
        }
    }

    /// An object that is read can be checked, and is the same when it was written and read again.
    private static func readsPipelines(_ bytes: Data) -> Bool {
        let decoder = KubeJSON.decoder()
        _ = try? decoder.decode(ForecastRun.self, from: bytes)
        _ = try? decoder.decode(ForecastService.self, from: bytes).spec.problems()
        guard let pipeline = try? decoder.decode(ForecastPipeline.self, from: bytes) else { return true }
        _ = pipeline.problems(zones: ZoneDatabase())
        guard let written = try? KubeJSON.encoder().encode(pipeline),
            let again = try? decoder.decode(ForecastPipeline.self, from: written)
        else { return false }
        return again.spec == pipeline.spec
    }

    /// What a log says of its worker's progress is within bounds.
    private static func readsProgress(_ bytes: Data) -> Bool {
        guard let event = StepProgress.last(in: bytes) else { return true }
        return event.message.unicodeScalars.count <= StepProgress.longestMessage && (0...1).contains(event.fraction)
            && event.rows ?? 0 >= 0 && event.time == nil
    }

    /// An expression that is taken is taken again as it is written out, and its next instant is one of its own.
    private static func readsCron(_ bytes: Data) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let expression = try? CronExpression(text) else { return true }
        guard (try? CronExpression(expression.description)) == expression else { return false }
        guard let schedule = try? Schedule(crons: [text], zone: ZoneDatabase().zone("America/New_York")) else {
            return false
        }
        guard let next = schedule.next(after: Date(timeIntervalSince1970: 1_800_000_000)) else { return true }
        return schedule.contains(next) && schedule.latest(atOrBefore: next) == next
    }
}
