// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import PrometheusMetrics

@Suite("MetricsRegistry")
struct MetricsRegistryTests {
    @Test("families are written by name with help, type and zero values")
    func rendersZeroes() {
        let registry = MetricsRegistry()
        _ = registry.gauge("b_depth", help: "Depth.")
        let results = registry.counters("a_total", help: "Runs.", labels: ["controller", "result"])
        _ = results.labelled("runs", "success")
        results.labelled("runs", "error").increment(by: 2)
        #expect(
            registry.render() == """
                # HELP a_total Runs.
                # TYPE a_total counter
                a_total{controller="runs",result="error"} 2
                a_total{controller="runs",result="success"} 0
                # HELP b_depth Depth.
                # TYPE b_depth gauge
                b_depth 0

                """
        )
    }

    @Test("metrics of what is gone are forgotten, the others keep their values")
    func keeps() {
        let registry = MetricsRegistry()
        let errors = registry.gauges("error", help: "Error.", labels: ["service"])
        errors.labelled("a").set(1)
        let gone = errors.labelled("b")
        errors.keep(only: [["a"], ["c"]])
        gone.set(2)
        #expect(registry.render() == "# HELP error Error.\n# TYPE error gauge\nerror{service=\"a\"} 1\n")
    }

    @Test("label values and help texts are escaped, also a line feed behind a carriage return")
    func escapes() {
        let registry = MetricsRegistry()
        registry.counters("a_total", help: "back\\slash\r\nline \"quoted\"", labels: ["path"])
            .labelled("c:\\x\r\n\"y\"").increment()
        let lines = registry.render().split(separator: "\n", omittingEmptySubsequences: false)
        let help = "# HELP a_total back\\\\slash\r\\nline \"quoted\""
        #expect(lines[0].unicodeScalars.elementsEqual(help.unicodeScalars))
        #expect(lines[2].unicodeScalars.elementsEqual("a_total{path=\"c:\\\\x\r\\n\\\"y\\\"\"} 1".unicodeScalars))
    }

    @Test("numbers are written as Prometheus reads them")
    func numbers() {
        #expect(TextFormat.number(.infinity) == "+Inf")
        #expect(TextFormat.number(-.infinity) == "-Inf")
        #expect(TextFormat.number(.nan) == "NaN")
        #expect(TextFormat.number(-3) == "-3")
        #expect(TextFormat.number(0.25) == "0.25")
        #expect(Double(TextFormat.number(1e300)) == 1e300)
    }

    @Test("a histogram's buckets are cumulative, inclusive and end in +Inf")
    func histogram() {
        let registry = MetricsRegistry()
        let latency = registry.histogram("latency_seconds", help: "Latency.", bounds: [0.5, 0.1, 0.1])
        for value in [0.05, 0.1, 0.3, 0.5, 0.7, Double.nan] { latency.observe(value) }
        let lines = registry.render().split(separator: "\n").dropFirst(2).map(String.init)
        #expect(
            lines == [
                "latency_seconds_bucket{le=\"0.1\"} 2", "latency_seconds_bucket{le=\"0.5\"} 4",
                "latency_seconds_bucket{le=\"+Inf\"} 6", "latency_seconds_sum 1.65", "latency_seconds_count 6",
            ]
        )
    }

    @Test("asking again for a name gives the same metric, another type is reported and harms nobody")
    func conflicts() {
        let registry = MetricsRegistry()
        registry.counter("a_total", help: "A.").increment()
        registry.counter("a_total", help: "A.").increment()
        registry.gauge("a_total", help: "A.").set(9)
        let text = registry.render()
        #expect(text.contains("a_total 2\n"))
        #expect(text.hasSuffix("# a_total was registered twice with different types or labels\n"))
    }

    @Test("missing label values are empty and surplus ones are dropped")
    func wrongLabelCount() {
        let family = MetricsRegistry().counters("a_total", help: "A.", labels: ["x", "y"])
        #expect(family.labelled("1") === family.labelled("1", ""))
        #expect(family.labelled("1", "2", "3") === family.labelled("1", "2"))
    }

    @Test("a counter never falls")
    func counterNeverFalls() {
        let counter = Counter()
        counter.increment(by: 3)
        counter.increment(by: -1)
        counter.increment(by: .nan)
        #expect(counter.value == 3)
    }

    @Test("no increment is lost among many tasks")
    func concurrentIncrements() async {
        let counter = Counter()
        let histogram = Histogram(bounds: [1])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<10_000 {
                        counter.increment()
                        histogram.observe(0.5)
                    }
                }
            }
        }
        #expect(counter.value == 80_000)
        #expect(histogram.totals.count == 80_000)
        #expect(histogram.totals.sum == 40_000)
    }
}
