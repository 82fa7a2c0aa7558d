// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

extension ArtifactStore {
    /// What nobody refers to stays this long: its writer may be about to refer to it.
    private static let grace: Int64 = 24 * 3_600
    private static let digestFile = "dataset.json"

    /// Removes a pipeline's surplus versions and run files, and data sets that no run refers to.
    ///
    /// Everything is tried by itself: what cannot be removed is reported and does not keep the rest from going. A
    /// clean-up that is interrupted is finished by the next one.
    /// - Parameter now: The time of the file system's clock, in seconds since 1970.
    package func clean(_ retention: ArtifactRetention, now: Int64) -> CleanupReport {
        var report = CleanupReport()
        let models = "models/\(retention.namespace)/\(retention.pipeline)"
        removing(from: models, .sealFirst(ArtifactManifest.fileName), &report) { () throws(ForecastingError) in
            retention.surplus(of: try storage.folders(in: models, holding: ArtifactManifest.fileName))
        }
        let runs = "runs/\(retention.namespace)"
        removing(from: runs, .ownerLast(RunOwner.fileName), &report) { () throws(ForecastingError) in
            var surplus: [String] = []
            for run in try storage.folders(in: runs, holding: RunOwner.fileName) {
                guard let owner = try owner(of: "\(runs)/\(run)"), retention.isSurplus(run, owner) else { continue }
                surplus.append(run)
            }
            return surplus
        }
        removeLeftovers(in: models, sealedBy: ArtifactManifest.fileName, now, &report)
        for folder in [runs, "datasets"] { removeLeftovers(in: folder, sealedBy: nil, now, &report) }
        removeDatasets(now, &report)
        return report
    }

    private func removing(
        from folder: String,
        _ order: FolderRemoval,
        _ report: inout CleanupReport,
        _ surplus: () throws(ForecastingError) -> [String]
    ) {
        do {
            for name in try surplus() {
                do {
                    try storage.removeFolder("\(folder)/\(name)", order)
                    report.removed.append("\(folder)/\(name)")
                } catch {
                    report.failures.append(error.description)
                }
            }
        } catch {
            report.failures.append(error.description)
        }
    }

    private func owner(of folder: String) throws(ForecastingError) -> RunOwner? {
        guard let bytes = try storage.read(folder + "/" + RunOwner.fileName) else { return nil }
        return try? JSONDecoder().decode(RunOwner.self, from: Data(bytes))
    }

    private func removeLeftovers(
        in folder: String,
        sealedBy seal: String?,
        _ now: Int64,
        _ report: inout CleanupReport
    ) {
        do {
            report.removed += try storage.removeLeftovers(in: folder, sealedBy: seal, before: now - Self.grace)
        } catch {
            report.failures.append(error.description)
        }
    }

    private func removeDatasets(_ now: Int64, _ report: inout CleanupReport) {
        do {
            let referred = try referredDatasets()
            for name in try storage.files(in: "datasets") where !referred.contains(name) {
                let key = "datasets/\(name)"
                // The same data stored again has a new time, so a run that is about to refer to it is safe.
                guard let changed = try storage.modificationTime(key), changed < now - Self.grace else { continue }
                try storage.remove(key)
                report.removed.append(key)
            }
        } catch {
            // Where one run's file cannot be read, nobody knows what it refers to.
            report.failures.append(error.description)
        }
    }

    private func referredDatasets() throws(ForecastingError) -> Set<String> {
        var names: Set<String> = []
        for namespace in try storage.folders(in: "runs", holding: nil) {
            let folder = "runs/\(namespace)"
            for run in try storage.folders(in: folder, holding: Self.digestFile) {
                let key = "\(folder)/\(run)/\(Self.digestFile)"
                guard let bytes = try storage.read(key) else { continue }
                guard let reference = try? JSONDecoder().decode(DatasetReference.self, from: Data(bytes)) else {
                    throw .invalidManifest(path: storage.path(key), reason: "it does not name a data set")
                }
                names.insert(try Self.datasetName(reference.digest))
            }
        }
        return names
    }
}
