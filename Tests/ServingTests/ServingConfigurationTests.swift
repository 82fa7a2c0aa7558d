// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import TestSupport
import Testing

@testable import Serving

@Suite("The serving configuration")
struct ServingConfigurationTests {
    private let whole = """
        {"schemaVersion":1,"revision":"r1","name":"traffic","stable":{"version":"v1","uri":"models/a/b/v1"},
        "canary":{"version":{"version":"v2","uri":"models/a/b/v2"},"trafficPercent":5,"stickyHeader":"X-User"},
        "others":[{"version":"v0","uri":"models/a/b/v0"}],
        "limits":{"maxConcurrentRequests":2,"maxQueuedRequests":0,"requestsPerSecond":0.5,"maxRequestBytes":1024,
        "timeoutSeconds":0.01},"batching":{"maxBatchSize":8,"maxLatencyMilliseconds":0},
        "remembering":{"forecastsPerSecond":10,"shadowsCanary":true}}
        """

    private func read(_ text: String) throws -> ServingConfiguration {
        try ServingConfiguration(decoding: Data(text.utf8), path: "serving.json")
    }

    @Test("is read as the operator writes it")
    func roundTrip() throws {
        let configuration = try read(whole)
        #expect(configuration.versions.map(\.version) == ["v1", "v2", "v0"])
        #expect(configuration.canary?.stickyHeader == "X-User" && configuration.limits?.timeoutSeconds == 0.01)
        let written = try KubeJSON.encoder().encode(configuration)
        #expect(try ServingConfiguration(decoding: written, path: "serving.json") == configuration)
    }

    @Test(
        "names the field that cannot be used",
        arguments: [
            (#""revision":"r1""#, #""revision":"""#, "revision"),
            (#""name":"traffic""#, #""name":"""#, "name"),
            (#""version":"v0""#, #""version":"v1""#, "version 'v1'"),
            (#""version":"v0""#, #""version":"""#, "version"),
            (#""trafficPercent":5"#, #""trafficPercent":101"#, "canary.trafficPercent"),
            ("X-User", "X User", "canary.stickyHeader"),
            (#""maxConcurrentRequests":2"#, #""maxConcurrentRequests":0"#, "limits.maxConcurrentRequests"),
            (#""maxQueuedRequests":0"#, #""maxQueuedRequests":-1"#, "limits.maxQueuedRequests"),
            (#""requestsPerSecond":0.5"#, #""requestsPerSecond":0"#, "limits.requestsPerSecond"),
            (#""maxRequestBytes":1024"#, #""maxRequestBytes":1"#, "limits.maxRequestBytes"),
            (#""timeoutSeconds":0.01"#, #""timeoutSeconds":4000"#, "limits.timeoutSeconds"),
            (#""maxBatchSize":8"#, #""maxBatchSize":0"#, "batching.maxBatchSize"),
            (#""maxLatencyMilliseconds":0"#, #""maxLatencyMilliseconds":1001"#, "batching.maxLatencyMilliseconds"),
            (#""forecastsPerSecond":10"#, #""forecastsPerSecond":0"#, "remembering.forecastsPerSecond"),
            (#""forecastsPerSecond":10"#, #""forecastsPerSecond":1001"#, "remembering.forecastsPerSecond"),
            (#""schemaVersion":1"#, #""schemaVersion":2"#, "schemaVersion 2"),
            (#""schemaVersion":1,"#, "", "schemaVersion"),
            (#""stable""#, #""stabel""#, "stable"),
        ]
    )
    func refusals(_ place: String, _ replacement: String, _ expected: String) throws {
        let text = whole.replacingOccurrences(of: place, with: replacement)
        let error = #expect(throws: ServingError.self) { try read(text) }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
        #expect(error?.description.hasPrefix("the configuration serving.json cannot be used: ") == true)
    }

    @Test("never traps on bytes that are no configuration")
    func fuzz() {
        var random = SeededRandom(seed: 5)
        for _ in 0..<3_000 {
            let bytes = random.mutate(Array(whole.utf8))
            _ = try? ServingConfiguration(decoding: Data(bytes), path: "serving.json")
        }
    }
}
