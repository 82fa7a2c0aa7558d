// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// What a fuzzer feeds with bytes: the objects that a server, and through it any user, sends.
package enum ObjectFuzzing {
    /// An object, a list or a status: read or refused, and what was read as any JSON survives being written.
    package static func fuzzObject(_ bytes: Data) -> Bool {
        let decoder = KubeJSON.decoder()
        _ = try? decoder.decode(Job.self, from: bytes)
        _ = try? decoder.decode(Pod.self, from: bytes)
        _ = try? decoder.decode(Lease.self, from: bytes)
        _ = try? decoder.decode(KubeStatus.self, from: bytes)
        _ = try? decoder.decode(KubeList<Job>.self, from: bytes)
        _ = try? decoder.decode(APIResourceList.self, from: bytes)
        guard let value = try? decoder.decode(JSONValue.self, from: bytes) else { return true }
        guard let written = try? KubeJSON.encoder().encode(value),
            let again = try? decoder.decode(JSONValue.self, from: written)
        else { return false }
        return again.holds(value)
    }
}
