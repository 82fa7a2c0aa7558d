// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import ForecastAPI
import Foundation
import HTTPTransport
import WorkerRuntime

/// Writes the forecast of a run as a file of its own into a folder of a claim or of a bucket.
struct ForecastFileWriting: Sendable {
    let context: StepContext
    let forecast: ForecastFile
    /// When the run was due.
    let issued: Date

    /// Writes the file; that of an earlier attempt of the run is replaced by the same bytes.
    ///
    /// - Parameter field: The block, for messages.
    func write(_ spec: FileSinkSpec, _ format: ForecastFormat, _ field: String) async throws {
        let folder = try folder(spec, field)
        let request = context.request
        let name = "\(request.namespace)/\(request.pipeline)/\(forecast.version).\(format.fileExtension)"
        let (table, shown) = (table, folder.shown(name))
        let bytes = try await LongWork.compute { try format.encoded(table, for: shown) }
        context.report(.publish, "writing \(table.times.count) rows to \(shown)", rows: table.times.count)
        try await folder.write(bytes, as: name)
    }

    /// The series below each other.
    private var table: ForecastTable {
        let series = forecast.series
        return ForecastTable(
            pipeline: forecast.pipeline,
            version: forecast.version,
            issued: Int64(issued.timeIntervalSince1970),
            labels: forecast.groupBy.enumerated().map { place, name in
                let values = series.flatMap { Array(repeating: $0.key[place], count: $0.forecast.times.count) }
                return ForecastTable.Label(name: name, values: values)
            },
            times: series.flatMap { $0.forecast.times.map { Int64($0.timeIntervalSince1970) } },
            steps: series.flatMap { $0.forecast.times.indices.map { $0 + 1 } },
            targets: forecast.targets.flatMap(columns)
        )
    }

    /// A target and its quantiles, which all series have.
    private func columns(_ target: String) -> [ForecastTable.Target] {
        let quantiles = (forecast.first.quantiles ?? []).enumerated().map { place, quantile in
            ForecastTable.Target(
                name: IntervalsSpec.column(target, quantile: quantile.probability),
                values: forecast.series.flatMap { $0.quantiles?[place].values[target] ?? [] }
            )
        }
        let values = forecast.series.flatMap { $0.forecast.values[target] ?? [] }
        return [ForecastTable.Target(name: target, values: values)] + quantiles
    }

    private func folder(_ spec: FileSinkSpec, _ field: String) throws -> ForecastFolder {
        guard let url = spec.url else { return ForecastFolder(path: try path(spec, field)) }
        let folder: S3Folder
        do {
            folder = try S3Folder(url)
        } catch {
            throw WorkerError.invalidSpec(problems: "\(field).\(error)")
        }
        let access = S3Access(spec.s3 ?? S3ServerSpec(), field: "\(field).s3")
        let client = try access.client(
            bucket: folder.bucket,
            secrets: context.secrets,
            transport: context.transport
        )
        return ForecastFolder(folder, of: client)
    }

    /// Within a cluster a path is one in the claim, whatever it begins with; `..` is refused by the validation.
    private func path(_ spec: FileSinkSpec, _ field: String) throws(WorkerError) -> String {
        guard let path = spec.path else {
            throw .invalidSpec(problems: "\(field): must hold exactly one of url and path")
        }
        guard let root = context.request.sinksPath else {
            throw .invalidSpec(problems: "\(field).persistentVolumeClaim: must name the claim that holds path")
        }
        guard let claim = spec.persistentVolumeClaim?.claimName else {
            return path.hasPrefix("/") ? path : "\(root)/\(path)"
        }
        return "\(root)/\(claim)/\(path)"
    }
}
