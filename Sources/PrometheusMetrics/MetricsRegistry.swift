// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The metrics of one process, passed down to whoever measures something.
///
/// Asking twice for one name returns the same family, so that parts of a program need not know of each other. A name
/// that was registered with another type or other labels is kept as it was: the second caller gets a family that works
/// and that is not rendered, and `render` names it in a comment.
package final class MetricsRegistry: Sendable {
    /// The content type of `render`'s text.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private struct State {
        var families: [String: any RenderedFamily] = [:]
        var conflicts: Set<String> = []
        var collectors: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// A family of counters.
    package func counters(_ name: String, help: String, labels: [String] = []) -> MetricFamily<Counter> {
        family(MetricFamily(name: name, help: help, labelNames: labels) { Counter() })
    }

    /// A family of gauges.
    package func gauges(_ name: String, help: String, labels: [String] = []) -> MetricFamily<Gauge> {
        family(MetricFamily(name: name, help: help, labelNames: labels) { Gauge() })
    }

    /// A family of histograms; `bounds` as `Histogram.init` takes them.
    package func histograms(
        _ name: String,
        help: String,
        labels: [String] = [],
        bounds: [Double] = Histogram.requestSeconds
    ) -> MetricFamily<Histogram> {
        family(MetricFamily(name: name, help: help, labelNames: labels) { Histogram(bounds: bounds) })
    }

    /// The one counter of a name without labels.
    package func counter(_ name: String, help: String) -> Counter { counters(name, help: help).labelled() }

    /// The one gauge of a name without labels.
    package func gauge(_ name: String, help: String) -> Gauge { gauges(name, help: help).labelled() }

    /// The one histogram of a name without labels.
    package func histogram(
        _ name: String,
        help: String,
        bounds: [Double] = Histogram.requestSeconds
    ) -> Histogram {
        histograms(name, help: help, bounds: bounds).labelled()
    }

    /// Runs a closure before each rendering, for values that are read and not counted.
    ///
    /// It must be quick: a scrape waits for it.
    package func onCollect(_ collect: @escaping @Sendable () -> Void) {
        state.withLock { $0.collectors.append(collect) }
    }

    /// All metrics in the Prometheus text format 0.0.4, ordered by name.
    package func render() -> String {
        for collect in state.withLock({ $0.collectors }) { collect() }
        let (families, conflicts) = state.withLock { ($0.families, $0.conflicts) }
        var text = TextFormat()
        for (_, family) in families.sorted(by: { $0.key < $1.key }) { family.render(into: &text) }
        let notes = conflicts.sorted().map { "# \($0) was registered twice with different types or labels\n" }
        return text.text + notes.joined()
    }

    private func family<Child>(_ fresh: MetricFamily<Child>) -> MetricFamily<Child> {
        state.withLock { state in
            guard let known = state.families[fresh.name] else {
                state.families[fresh.name] = fresh
                return fresh
            }
            if let same = known as? MetricFamily<Child>, same.labelNames == fresh.labelNames { return same }
            state.conflicts.insert(fresh.name)
            return fresh
        }
    }
}
