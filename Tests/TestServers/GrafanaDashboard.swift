// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A dashboard of deploy/grafana over Prometheus, for tests that ask its questions.
package struct GrafanaDashboard: Sendable {
    /// A question of a panel or a variable.
    package struct Question: Sendable {
        /// The panel's title, or the variable's name.
        package let title: String
        /// In PromQL, with the variables' values.
        package let query: String
        /// The labels that its legend or its variable is made of.
        package let labels: [String]
    }

    /// Those of all panels and variables.
    package let questions: [Question]

    private struct File: Decodable {
        struct Panel: Decodable { var title: String, targets: [Target] }
        struct Target: Decodable { var expr: String, legendFormat: String }
        struct Templating: Decodable { var list: [Variable] }
        struct Variable: Decodable { var name: String, type: String, query: String }
        var panels: [Panel]
        var templating: Templating
    }

    /// Reads a dashboard.
    ///
    /// - Parameters:
    ///   - name: The file's name without its ending.
    ///   - values: Those of the variables, which stand in queries as `$name`.
    package init(_ name: String, values: [String: String]) throws {
        let folder = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appending(path: "deploy/grafana/\(name).json"))
        let file = try JSONDecoder().decode(File.self, from: data)
        func filled(_ query: String) -> String {
            values.reduce(query.replacing("$__rate_interval", with: "1m")) {
                $0.replacing("$\($1.key)", with: $1.value)
            }
        }
        let panels = file.panels.flatMap { panel in
            panel.targets.map { target in
                let labels = target.legendFormat.matches(of: /{{(\w+)}}/).map { String($0.output.1) }
                return Question(title: panel.title, query: filled(target.expr), labels: labels)
            }
        }
        let variables = file.templating.list.compactMap { variable -> Question? in
            guard let parts = variable.query.wholeMatch(of: /label_values\((.+), (\w+)\)/)?.output else { return nil }
            return Question(title: variable.name, query: filled(String(parts.1)), labels: [String(parts.2)])
        }
        questions = panels + variables
    }
}
