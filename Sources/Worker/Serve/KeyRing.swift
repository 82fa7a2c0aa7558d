// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation

/// The keys that open a service: a folder with a file for each, as a Secret is mounted.
///
/// Only digests are kept. A key that is shown is compared with all of them, in a time that does not depend on how near it
/// comes to one.
struct KeyRing: Sendable, Equatable {
    /// Longer files are no keys.
    private static let longest = 4_096

    private let digests: [[UInt8]]

    /// How many keys there are.
    var count: Int { digests.count }

    /// A ring with these keys; empty ones do not count.
    init(_ keys: [String]) throws(ForecastingError) {
        var digests: [[UInt8]] = []
        for key in keys where !key.isEmpty { digests.append(try Self.digest(key)) }
        self.digests = digests
    }

    /// The keys of a folder: each file's content without the white space around it. Names that begin with a dot are the
    /// kubelet's own.
    /// - Throws: `WorkerError.unusableKeys`.
    init(folder: String) throws(WorkerError) {
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
            let keys = try names.sorted().map { name in
                let data = try Data(contentsOf: URL(fileURLWithPath: folder).appendingPathComponent(name))
                guard data.count <= Self.longest, let text = String(validating: data, as: UTF8.self) else {
                    throw WorkerError.unusableKeys(
                        path: folder,
                        reason: "'\(name)' is not a text of at most \(Self.longest) bytes"
                    )
                }
                return text.trimmingCharacters(in: .whitespacesAndNewlines)
            }
            try self.init(keys)
        } catch let error as WorkerError {
            throw error
        } catch let error as ForecastingError {
            throw .unusableKeys(path: folder, reason: error.description)
        } catch {
            throw .unusableKeys(path: folder, reason: (error as NSError).localizedDescription)
        }
    }

    /// Whether a key is one of these.
    func opens(_ shown: String) -> Bool {
        guard shown.utf8.count <= Self.longest, let digest = try? Self.digest(shown) else { return false }
        var isKnown = false
        for known in digests {
            var difference: UInt8 = 0
            for (left, right) in zip(known, digest) { difference |= left ^ right }
            // No way out of the loop: which key it was must not show in the time.
            isKnown = difference == 0 || isKnown
        }
        return isKnown
    }

    private static func digest(_ key: String) throws(ForecastingError) -> [UInt8] {
        Array(try SHA256Hasher.digest(of: Array(key.utf8)).utf8)
    }
}
