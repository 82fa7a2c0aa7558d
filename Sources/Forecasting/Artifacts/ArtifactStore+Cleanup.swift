// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

extension ArtifactStore {
    /// What nobody refers to stays this long: its writer may be about to refer to it.
    private static let grace: Int64 = 24 * 3_600
    /// What folders are called while they are being removed.
    private static let removedPrefix = temporaryPrefix + "removed-"
    private static let digestFile = "dataset.json"

    /// Removes a pipeline's surplus versions and run files, and data sets that no run refers to.
    ///
    /// Everything is tried by itself: what cannot be removed is reported and does not keep the rest from going. A
    /// clean-up that is interrupted is finished by the next one.
    /// - Parameter now: The time of the file system's clock, in seconds since 1970.
    package func clean(_ retention: ArtifactRetention, now: Int64) -> CleanupReport {
        var report = CleanupReport()
        let models = "models/\(retention.namespace)/\(retention.pipeline)"
        removing(from: models, &report) { () throws(ForecastingError) in
            retention.surplus(of: try files.list(path(models)).filter { !$0.hasPrefix(".") })
        }
        let runs = "runs/\(retention.namespace)"
        removing(from: runs, &report) { () throws(ForecastingError) in
            var surplus: [String] = []
            for run in try files.list(path(runs)) where !run.hasPrefix(".") {
                guard let owner = try owner(of: "\(runs)/\(run)"), retention.isSurplus(run, owner) else { continue }
                surplus.append(run)
            }
            return surplus
        }
        for directory in [models, runs] { removePartial(in: directory, now, &report) }
        removeDatasets(now, &report)
        return report
    }

    /// Hides folders, so that no reader meets half of one, then removes them.
    private func removing(
        from directory: String,
        _ report: inout CleanupReport,
        _ surplus: () throws(ForecastingError) -> [String]
    ) {
        do {
            for name in try surplus() {
                do {
                    try removeFolder(name, in: path(directory))
                    report.removed.append("\(directory)/\(name)")
                } catch {
                    report.failures.append(error.description)
                }
            }
        } catch {
            report.failures.append(error.description)
        }
    }

    private func removeFolder(_ name: String, in directory: String) throws(ForecastingError) {
        let hidden = "\(directory)/\(Self.removedPrefix)\(name)"
        try files.removeDirectory(hidden)
        guard try files.rename("\(directory)/\(name)", to: hidden) else { return }
        try files.removeDirectory(hidden)
    }

    private func owner(of folder: String) throws(ForecastingError) -> RunOwner? {
        guard let bytes = try files.read(path(folder) + "/" + RunOwner.fileName) else { return nil }
        return try? JSONDecoder().decode(RunOwner.self, from: Data(bytes))
    }

    /// Folders that a crash left half written or half removed.
    private func removePartial(in directory: String, _ now: Int64, _ report: inout CleanupReport) {
        do {
            for name in try files.list(path(directory)) where name.hasPrefix(Self.temporaryPrefix) {
                let folder = "\(path(directory))/\(name)"
                if !name.hasPrefix(Self.removedPrefix) {
                    guard let changed = try files.modificationTime(folder), changed < now - Self.grace else { continue }
                }
                try files.removeDirectory(folder)
                report.removed.append("\(directory)/\(name)")
            }
        } catch {
            report.failures.append(error.description)
        }
    }

    private func removeDatasets(_ now: Int64, _ report: inout CleanupReport) {
        do {
            let referred = try referredDatasets()
            for name in try files.list(path("datasets")) where !name.hasPrefix(".") && !referred.contains(name) {
                let file = path("datasets/\(name)")
                // The same data stored again has a new time, so a run that is about to refer to it is safe.
                guard let changed = try files.modificationTime(file), changed < now - Self.grace else { continue }
                try files.removeFile(file)
                report.removed.append("datasets/\(name)")
            }
        } catch {
            // Where one run's file cannot be read, nobody knows what it refers to.
            report.failures.append(error.description)
        }
    }

    private func referredDatasets() throws(ForecastingError) -> Set<String> {
        var names: Set<String> = []
        for namespace in try files.list(path("runs")) where !namespace.hasPrefix(".") {
            for run in try files.list(path("runs/\(namespace)")) where !run.hasPrefix(".") {
                let file = path("runs/\(namespace)/\(run)/\(Self.digestFile)")
                guard let bytes = try files.read(file) else { continue }
                guard let reference = try? JSONDecoder().decode(DatasetReference.self, from: Data(bytes)) else {
                    throw .invalidManifest(path: file, reason: "it does not name a data set")
                }
                names.insert(try Self.datasetName(reference.digest))
            }
        }
        return names
    }
}
