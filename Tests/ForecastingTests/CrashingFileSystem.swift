// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

@testable import Forecasting

/// The real file system until its process "dies": before a given step, or in the middle of it when that step is a write.
/// After that, nothing works any more, not even cleaning up.
final class CrashingFileSystem: ArtifactFileSystem {
    private let base = POSIXFileSystem()
    private let stepsLeft: Mutex<Int>
    private let keptShare: Double

    /// Dies at step `step` (from 0); a write in that step leaves this share of its bytes.
    init(dyingAt step: Int, keptShare: Double) {
        stepsLeft = Mutex(step)
        self.keptShare = keptShare
    }

    /// Whether the process died.
    var isDead: Bool { stepsLeft.withLock { $0 < 0 } }

    /// Counts a step: true when it is the one to die in. Throws when dead already.
    private func isLastStep() throws(ForecastingError) -> Bool {
        let before = stepsLeft.withLock { left in
            defer { if left >= 0 { left -= 1 } }
            return left
        }
        if before < 0 { throw Self.death }
        return before == 0
    }

    private func step() throws(ForecastingError) {
        if try isLastStep() { throw Self.death }
    }

    private static let death = ForecastingError.fileSystem(operation: "crash", path: "", reason: "the process died")

    func read(_ path: String) throws(ForecastingError) -> [UInt8]? { try base.read(path) }
    func open(_ path: String) throws(ForecastingError) -> (any ArtifactReader)? { try base.open(path) }
    func list(_ directory: String) throws(ForecastingError) -> [String] { try base.list(directory) }

    func makeDirectory(_ path: String) throws(ForecastingError) {
        try step()
        try base.makeDirectory(path)
    }

    func makeTemporaryDirectory(in directory: String, prefix: String) throws(ForecastingError) -> String {
        try step()
        return try base.makeTemporaryDirectory(in: directory, prefix: prefix)
    }

    func write(_ bytes: SegmentedBytes, to path: String) throws(ForecastingError) {
        guard try isLastStep() else { return try base.write(bytes, to: path) }
        try base.write(SegmentedBytes(bytes[0..<Int(Double(bytes.count) * keptShare)]), to: path)
        throw Self.death
    }

    func synchronize(directory: String) throws(ForecastingError) {
        try step()
        try base.synchronize(directory: directory)
    }

    func rename(_ source: String, to target: String) throws(ForecastingError) -> Bool {
        try step()
        return try base.rename(source, to: target)
    }

    func modificationTime(_ path: String) throws(ForecastingError) -> Int64? { try base.modificationTime(path) }

    func removeFile(_ path: String) throws(ForecastingError) {
        try step()
        try base.removeFile(path)
    }

    func removeDirectory(_ path: String) throws(ForecastingError) {
        try step()
        try base.removeDirectory(path)
    }
}
