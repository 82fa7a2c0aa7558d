// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// What is left in the store by services that are gone, or whose forecasts are not remembered any more.
///
/// Who says which services there are said so when the run's Job was made, hours ago perhaps. So a folder goes only when
/// nothing was written into it for a day, and file by file: what a service of the same name writes meanwhile stays.
struct ForgottenServices: Sendable {
    /// What was written within so many seconds keeps a folder.
    static let grace: Int64 = 24 * 3_600
    /// So many files are removed at a time; what is left goes the next time.
    static let mostRemovals = 5_000

    /// The namespace of the services.
    let namespace: String
    /// Services whose forecasts stay.
    let kept: Set<String>

    /// Removes what is left; calls block.
    ///
    /// - Parameter now: The time in seconds since 1970.
    /// - Returns: What was removed and what could not be, a sentence for each service.
    /// - Throws: `ForecastingError` where the store cannot be listed.
    func remove(from store: ArtifactStore, now: Int64) throws(ForecastingError) -> [String] {
        var (sentences, left) = ([String](), Self.mostRemovals)
        for service in try LiveFolder.services(in: store, namespace: namespace) where !kept.contains(service) {
            guard left > 0 else { break }
            let name = "live/\(namespace)/\(service)"
            do {
                let folder = try LiveFolder(store, namespace: namespace, service: service)
                let removed = try remove(folder, before: now - Self.grace, atMost: left)
                guard removed > 0 else { continue }
                left -= removed
                sentences.append("removed \(name), which is monitored no more: \(removed) files")
            } catch {
                sentences.append("\(error); the next run tries again")
            }
        }
        return sentences
    }

    /// Removes the files of a folder where all of them are that old; gives back how many.
    private func remove(_ folder: LiveFolder, before: Int64, atMost most: Int) throws(ForecastingError) -> Int {
        var files: [(process: String, name: String)] = []
        let processes = try folder.processes()
        for process in processes {
            for name in try folder.files(of: process) {
                // A file that is none of ours stays, and its folder with it.
                guard let segment = SegmentName(name), segment.issued / 1_000 < before else { return 0 }
                files.append((process, name))
            }
        }
        for file in files.prefix(most) { try folder.remove(file.name, of: file.process) }
        guard files.count <= most else { return most }
        // A pod that was killed may have left hidden files, which keep a folder and are met by nobody.
        for process in processes { try? folder.removeFolder(of: process) }
        if try folder.processes().isEmpty { try? folder.removeFolder() }
        return files.count
    }
}
