// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeCore
import PrometheusMetrics
import TestSupport
import Testing

@testable import KubeRuntime

@Suite("EventRecorder", .timeLimit(.minutes(1)))
struct EventRecorderTests {
    private struct Refused: Error {}

    @Test("recording never waits, also where no event is ever written, and what is too much is counted")
    func neverWaits() async {
        let metrics = RuntimeMetrics.test
        let recorder = EventRecorder(
            controller: "c",
            instance: "i",
            environment: .test,
            metrics: metrics
        ) { _ in try await Task.sleep(for: .seconds(3600)) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await recorder.run() }
            let start = ContinuousClock.now
            for number in 0..<5000 {
                recorder.record(
                    .normal,
                    about: ConfigMap.sample("a", version: 1),
                    reason: "R",
                    action: "A",
                    message: "\(number)"
                )
            }
            #expect(ContinuousClock.now - start < .seconds(5))
            group.cancelAll()
        }
        let text = metrics.registry.render()
        #expect(!text.contains("event_recorder_events_total{result=\"dropped\"} 0\n"))
    }

    @Test("events that the server refuses are counted, and the next ones are written all the same")
    func refused() async {
        let metrics = RuntimeMetrics.test
        let tries = Shared(0)
        let recorder = EventRecorder(
            controller: "c",
            instance: "i",
            environment: .test,
            metrics: metrics
        ) { _ in
            let number = tries.withLock { count in
                count += 1
                return count
            }
            if number < 3 { throw Refused() }
        }
        for number in 0..<5 {
            recorder.record(
                .warning,
                about: ConfigMap.sample("a", version: 1),
                reason: "R",
                action: "A",
                message: "\(number)"
            )
        }
        recorder.stop()
        await recorder.run()
        let text = metrics.registry.render()
        #expect(text.contains("event_recorder_events_total{result=\"failed\"} 2\n"))
        #expect(text.contains("event_recorder_events_total{result=\"sent\"} 3\n"))
    }
}
