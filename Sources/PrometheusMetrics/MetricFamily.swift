// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// All metrics of one name, told apart by the values of their labels.
///
/// `labelled` looks a metric up under a lock: hot paths call it once and keep what it returns.
package final class MetricFamily<Child: Metric>: Sendable {
    /// The name, for instance `workqueue_adds_total`.
    package let name: String
    /// The labels' names, in the order in which `labelled` takes their values.
    package let labelNames: [String]
    private let help: String
    private let make: @Sendable () -> Child
    private let children = Mutex<[[String]: Child]>([:])

    init(name: String, help: String, labelNames: [String], make: @escaping @Sendable () -> Child) {
        self.name = name
        self.help = help
        self.labelNames = labelNames
        self.make = make
    }

    /// The metric with those label values; the first call makes it, at zero.
    ///
    /// Label values must come from a small set: never the name of an object, but where `keep` bounds them. Missing values count as empty and surplus
    /// ones are ignored, so that a mistake here shows in the output and not as a trap.
    package func labelled(_ values: String...) -> Child { labelled(values) }

    /// The metric with those label values, as an array.
    package func labelled(_ values: [String]) -> Child {
        var values = Array(values.prefix(labelNames.count))
        while values.count < labelNames.count { values.append("") }
        return children.withLock { children in
            if let child = children[values] { return child }
            let child = make()
            children[values] = child
            return child
        }
    }
}

extension MetricFamily {
    /// Forgets each metric whose label values are not among these: for what belongs to objects that come and go. A metric
    /// that somebody still holds goes on working and is not rendered.
    package func keep(only values: Set<[String]>) {
        children.withLock { children in children = children.filter { values.contains($0.key) } }
    }
}

extension MetricFamily: RenderedFamily {
    func render(into text: inout TextFormat) {
        text.header(name: name, help: help, type: Child.prometheusType)
        let ordered = children.withLock { Array($0) }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        for (values, child) in ordered {
            for sample in child.samples() {
                text.line(name: name, labels: Array(zip(labelNames, values)), sample: sample)
            }
        }
    }
}

/// A family that can write itself, whatever the type of its metrics.
protocol RenderedFamily: AnyObject, Sendable {
    var name: String { get }
    func render(into text: inout TextFormat)
}
