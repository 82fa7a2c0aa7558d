// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeCore
import Logging
import PrometheusMetrics
import TestSupport

@testable import KubeRuntime

extension RuntimeEnvironment {
    /// Real time, no log, and the chance that makes every backoff end at once.
    static var test: RuntimeEnvironment {
        var environment = RuntimeEnvironment.live(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        environment.random = { 0 }
        return environment
    }

    /// A clock that jumps to the end of each wait but for very long ones, which never end.
    static var skipping: RuntimeEnvironment {
        let skipped = Shared(Duration.zero)
        var environment = test
        environment.now = { ContinuousClock.now + skipped.withLock { $0 } }
        environment.sleep = { deadline in
            let wait = deadline - (ContinuousClock.now + skipped.withLock { $0 })
            guard wait < .seconds(600) else { return try await Task.sleep(for: .seconds(3600)) }
            // A moment of real time, in which everybody else may go on.
            try await Task.sleep(for: .milliseconds(50))
            skipped.withLock { $0 += max(.zero, wait) }
        }
        return environment
    }
}

extension RuntimeMetrics {
    static var test: RuntimeMetrics { RuntimeMetrics(registry: MetricsRegistry()) }
}

extension ConfigMap {
    static func sample(
        _ name: String,
        version: Int,
        uid: String? = nil,
        namespace: String = "default",
        color: String? = nil
    ) -> ConfigMap {
        var map = ConfigMap(metadata: ObjectMeta(name: name, namespace: namespace))
        map.metadata.uid = uid ?? "uid-\(name)"
        map.metadata.resourceVersion = String(version)
        map.metadata.labels = color.map { ["color": $0] }
        return map
    }
}

extension StoreContents {
    /// Takes over a list.
    mutating func fill(with list: [Object], resourceVersion: String?) -> [StoreChange<Object>] {
        replace(with: list.map(Cached.init), resourceVersion: resourceVersion)
    }
}

extension Store {
    /// Takes over a list.
    func fill(with list: [Object], resourceVersion: String?) {
        replace(with: list.map(Cached.init), resourceVersion: resourceVersion)
    }
}
