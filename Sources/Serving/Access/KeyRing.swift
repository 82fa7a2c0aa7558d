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

    private struct Entry: Sendable, Equatable {
        /// Whose key it is.
        var owner: String
        var digest: [UInt8]
    }

    private let entries: [Entry]

    /// How many keys there are.
    var count: Int { entries.count }

    /// A ring with these keys by their owners; empty ones do not count.
    init(_ keys: [(owner: String, key: String)]) throws(ForecastingError) {
        var entries: [Entry] = []
        for (owner, key) in keys where !key.isEmpty {
            entries.append(Entry(owner: owner, digest: try Self.digest(key)))
        }
        self.entries = entries
    }

    /// The keys of a folder: each file's content without the white space around it. Names that begin with a dot are the
    /// kubelet's own.
    /// - Throws: `ServingError.unusableKeys`.
    init(folder: String) throws(ServingError) {
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
            let keys = try names.sorted().map { name -> (owner: String, key: String) in
                let data = try Data(contentsOf: URL(fileURLWithPath: folder).appendingPathComponent(name))
                guard data.count <= Self.longest, let text = String(validating: data, as: UTF8.self) else {
                    throw ServingError.unusableKeys(
                        path: folder,
                        reason: "'\(name)' is not a text of at most \(Self.longest) bytes"
                    )
                }
                return (owner: name, key: text.trimmingCharacters(in: .whitespacesAndNewlines))
            }
            try self.init(keys)
        } catch let error as ServingError {
            throw error
        } catch let error as ForecastingError {
            throw .unusableKeys(path: folder, reason: error.description)
        } catch {
            throw .unusableKeys(path: folder, reason: (error as NSError).localizedDescription)
        }
    }

    /// Whose key it is; nil where it is nobody's.
    func owner(of shown: String) -> String? {
        guard shown.utf8.count <= Self.longest, let digest = try? Self.digest(shown) else { return nil }
        var found: Int?
        for (index, entry) in entries.enumerated() {
            var difference: UInt8 = 0
            for (left, right) in zip(entry.digest, digest) { difference |= left ^ right }
            // No way out of the loop: which key it was must not show in the time.
            found = difference == 0 ? index : found
        }
        return found.map { entries[$0].owner }
    }

    private static func digest(_ key: String) throws(ForecastingError) -> [UInt8] {
        Array(try SHA256Hasher.digest(of: Array(key.utf8)).utf8)
    }
}
