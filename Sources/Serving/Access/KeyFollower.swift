// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle

/// Keeps the keys at what their folder says. While the folder cannot be read, the keys that were read last hold.
struct KeyFollower: Service {
    let folder: String
    let access: AccessCheck
    let logger: Logger
    var pace = Duration.seconds(1)

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            var reader = KeyReader(folder: folder)
            while true {
                try await Task.sleep(for: pace)
                switch reader.next() {
                case .success(let keys)?:
                    access.accept(keys)
                    logger.info("keys were read", metadata: ["count": "\(keys.count)"])
                case .failure(let error)?:
                    logger.error("the keys stay as they were", metadata: ["reason": "\(error)"])
                case nil: break
                }
            }
        }
    }
}
