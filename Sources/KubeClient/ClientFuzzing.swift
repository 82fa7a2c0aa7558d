// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import KubeCore

/// What a fuzzer feeds with bytes: everything of this module that reads what others wrote.
///
/// Each returns whether what has to hold for any bytes did hold. None may trap or run for long.
package enum ClientFuzzing {
    /// A watch: the first byte says how long the pieces are that the rest arrives in.
    ///
    /// Frames are the same wherever the pieces end, and each becomes an event or an error.
    package static func fuzzWatch(_ bytes: Data) -> Bool {
        guard let first = bytes.first else { return true }
        let body = Data(bytes.dropFirst())
        var whole = WatchFramer()
        var pieces = WatchFramer()
        guard let frames = try? whole.append(body) else { return false }
        var found: [Data] = []
        var rest = body
        while !rest.isEmpty {
            let piece = rest.prefix(Int(first) + 1)
            rest = rest.dropFirst(piece.count)
            guard let more = try? pieces.append(piece) else { return false }
            found += more
        }
        for frame in frames { _ = try? WatchEvent<Job>(frame: frame) }
        return found == frames
    }

    /// A kubeconfig: each of its contexts becomes a configuration or an error that names the file.
    package static func fuzzKubeconfig(_ bytes: Data) -> Bool {
        do {
            let config = try KubeConfigFile.parse(String(decoding: bytes, as: UTF8.self), file: "/k/config")
            for name in config.contexts.keys {
                let read = { (path: String) -> Data? in path.isEmpty ? nil : Data("x".utf8) }
                _ = try KubeContextResolver(config, context: name, source: "/k/config", read: read).configuration()
            }
            return true
        } catch let error as KubeError {
            return error.description.hasPrefix("/k/config: ")
        } catch {
            return false
        }
    }

    /// What a credential plugin writes: it becomes credentials or a fault, and the token fits into a header field.
    package static func fuzzPluginAnswer(_ bytes: Data) -> Bool {
        for version in [CredentialPlugin.Version.v1, .v1beta1] {
            guard let credentials = try? ExecCredential.read(bytes, version: version) else { continue }
            if credentials.token == nil && credentials.identity == nil { return false }
            if credentials.token?.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) == true { return false }
        }
        return true
    }
}
