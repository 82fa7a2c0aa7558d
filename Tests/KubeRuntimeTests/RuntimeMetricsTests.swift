// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeCore
import PrometheusMetrics
import Testing

@testable import KubeRuntime

@Suite("RuntimeMetrics")
struct RuntimeMetricsTests {
    @Test("all metrics that dashboards know are there at zero before anything has happened")
    func firstScrape() {
        let metrics = RuntimeMetrics.test
        metrics.restClient.prepare(host: "h")
        _ = (metrics.controller("c"), metrics.workQueue("c"), metrics.reflector("pods"), metrics.eventRecorder())
        _ = (metrics.leaderElection.status(lease: "l"), metrics.leaderElection.slowPath(lease: "l"))
        let text = metrics.registry.render()
        let results = ["success", "error", "requeue", "requeue_after"]
        let queue = #"{name="c",controller="c""#
        var expected = results.map { #"controller_runtime_reconcile_total{controller="c",result="\#($0)"} 0"# }
        expected += ["reconcile_errors", "terminal_reconcile_errors", "reconcile_panics", "reconcile_timeouts"].map {
            #"controller_runtime_\#($0)_total{controller="c"} 0"#
        }
        expected += ["max_concurrent_reconciles", "active_workers"].map {
            #"controller_runtime_\#($0){controller="c"} 0"#
        }
        expected += [
            #"controller_runtime_reconcile_time_seconds_count{controller="c"} 0"#,
            #"workqueue_depth\#(queue),priority="0"} 0"#, #"workqueue_depth\#(queue),priority="-100"} 0"#,
            "workqueue_adds_total\(queue)} 0", "workqueue_retries_total\(queue)} 0",
            "workqueue_queue_duration_seconds_count\(queue)} 0", "workqueue_work_duration_seconds_count\(queue)} 0",
            "workqueue_unfinished_work_seconds\(queue)} 0", "workqueue_longest_running_processor_seconds\(queue)} 0",
            #"rest_client_requests_total{code="200",method="GET",host="h"} 0"#,
            #"rest_client_request_retries_total{code="429",verb="PATCH",host="h"} 0"#,
            #"rest_client_request_size_bytes_count{verb="POST",host="h"} 0"#,
            #"rest_client_response_size_bytes_count{verb="GET",host="h"} 0"#,
            #"rest_client_rate_limiter_duration_seconds_count{verb="GET",host="h"} 0"#,
            #"leader_election_master_status{name="l"} 0"#, #"leader_election_slowpath_total{name="l"} 0"#,
            #"reflector_lists_total{resource="pods"} 0"#, #"reflector_watches_total{resource="pods"} 0"#,
            #"reflector_seconds_since_contact{resource="pods"} 0"#,
            #"event_recorder_events_total{result="dropped"} 0"#,
        ]
        for line in expected { #expect(text.contains(line + "\n"), "\(line)") }
    }

    @Test("a thousand objects make no more time series than one")
    func cardinality() {
        let metrics = RuntimeMetrics.test
        let queue = WorkQueue<ObjectKey>(environment: .test, metrics: metrics.workQueue("c"))
        queue.add(ObjectKey(namespace: "x", name: "0"))
        let lines = metrics.registry.render().split(separator: "\n").count
        for number in 1..<1000 { queue.add(ObjectKey(namespace: "x", name: "\(number)")) }
        #expect(metrics.registry.render().split(separator: "\n").count == lines)
    }
}
