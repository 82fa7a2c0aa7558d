// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import TestServers
import Testing
import Yams

private enum CEL {
    static let isThere = PythonTools.has("cel_expr_python.cel", for: "tests of the CRDs' rules")
}

/// The servers that tests can start know no rules of CRDs, so CEL is asked in the implementation of its authors.
@Suite("The rules of the CRDs, as CEL understands them", .enabled(if: CEL.isThere))
struct RuleTests {
    /// What `rules.py` prints.
    private struct Answer: Decodable {
        /// Plural, place and text of each rule that could be compiled.
        var rules: [[String]]
        var faults: [String]
        /// By object, place and text of the rules that it breaks.
        var broken: [[[String]]]
    }

    /// An object as a server has it, and what it was before.
    private struct Question {
        var plural: String
        var object: Any
        var old: Any?

        init(_ plural: String, _ object: [String: Any], old: [String: Any]? = nil) throws {
            let schema = try Schema.crd(plural)
            self.plural = plural
            self.object = schema.defaulted(object)
            self.old = old.map(schema.defaulted)
        }
    }

    private func ask(_ questions: [Question]) throws -> Answer {
        let file = FileManager.default.temporaryDirectory.appending(path: "almanac-rules-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let list = questions.map { ["crd": $0.plural, "object": $0.object, "old": $0.old ?? NSNull()] }
        try JSONSerialization.data(withJSONObject: list).write(to: file)
        let script = Schema.repository.appending(path: "Tests/ForecastAPITests/Rules/rules.py")
        let folder = Schema.repository.appending(path: "crds").path(percentEncoded: false)
        let printed = try PythonTools.run(
            String(contentsOf: script, encoding: .utf8),
            [folder, file.path(percentEncoded: false)]
        )
        return try JSONDecoder().decode(Answer.self, from: printed)
    }

    private func json(_ value: some Encodable) throws -> [String: Any] {
        let text = String(decoding: try KubeJSON.encoder().encode(value), as: UTF8.self)
        return try #require(try Yams.load(yaml: text) as? [String: Any])
    }

    private func object(_ spec: some Encodable, name: String = "demo") throws -> [String: Any] {
        ["metadata": ["name": name], "spec": try json(spec)]
    }

    /// A specification that the operator refuses at a field; nil for one that JSON cannot hold.
    private func refused() throws -> [(field: String, question: Question)] {
        let pipelines = try (SpecValidationTests.bad + GroupSpecTests.bad).compactMap { wrong -> (String, Question)? in
            var spec = Sample.minimal
            wrong.change(&spec)
            guard let object = try? object(spec) else { return nil }
            return (wrong.testDescription, try Question("forecastpipelines", object))
        }
        let services = try ServiceValidationTests.bad.compactMap { wrong -> (String, Question)? in
            var spec = Sample.fullServiceSpec
            wrong.change(&spec)
            guard let object = try? object(spec) else { return nil }
            return (wrong.field, try Question("forecastservices", object))
        }
        let name = try object(Sample.minimal, name: String(repeating: "a", count: 53))
        return pipelines + services + [("metadata.name", try Question("forecastpipelines", name))]
    }

    @Test("each rule compiles with the types that its schema declares, and what is right breaks none")
    func right() throws {
        var questions = try [
            Question("forecastpipelines", object(Sample.minimal)),
            Question("forecastservices", object(Sample.fullServiceSpec)),
        ]
        let folder = Schema.repository.appending(path: "deploy/samples")
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        where file.pathExtension == "yaml" {
            for document in try Yams.load_all(yaml: String(contentsOf: file, encoding: .utf8)) {
                guard let object = document as? [String: Any], let kind = object["kind"] as? String,
                    object["apiVersion"] as? String == "\(Naming.group)/\(Naming.version)"
                else { continue }
                questions.append(try Question("\(kind.lowercased())s", object))
            }
        }
        let answer = try ask(questions)
        #expect(answer.faults == [])
        #expect(answer.broken.flatMap(\.self) == [])
    }

    @Test("each rule is broken by a specification that the operator refuses as well, for the same block")
    func wrong() throws {
        let refused = try refused()
        let answer = try ask(refused.map(\.question))
        var unbroken = Set(answer.rules.filter { $0[0] != "forecastruns" })
        for ((field, question), broken) in zip(refused, answer.broken) {
            for rule in broken {
                unbroken.remove([question.plural] + rule)
                let block = rule[0].dropFirst().replacingOccurrences(of: "[]", with: "").replacing("{}", with: "")
                let bare = field.replacing(/\[\d+\]/, with: "")
                let isSame = bare.hasPrefix(block) || block.hasPrefix(bare)
                #expect(isSame, "the operator refuses \(field), CEL \(block): \(rule[1])")
            }
        }
        for rule in unbroken.sorted(by: { $0.joined() < $1.joined() }) {
            Issue.record("no refused specification breaks \(rule.joined(separator: " "))")
        }
    }

    @Test("a run stays what it was, and may be cancelled once")
    func runs() throws {
        let template = try json(Sample.minimal)
        func run(_ changes: [String: Any] = [:]) -> [String: Any] {
            let spec: [String: Any] = ["pipelineRef": ["name": "demo"], "trigger": "Manual", "template": template]
            return ["metadata": ["name": "demo-1"], "spec": spec.merging(changes) { $1 }]
        }
        var other = template
        other["model"] = ["lookback": 3, "horizon": 1, "seasonalNaive": [String: Any]()]
        let answer = try ask([
            Question("forecastruns", run(), old: run()),
            Question("forecastruns", run(["cancel": true]), old: run()),
            Question("forecastruns", run(["cancel": true]), old: run(["cancel": true])),
            Question("forecastruns", run(["trigger": "Schedule"]), old: run()),
            Question("forecastruns", run(["template": other]), old: run()),
            Question("forecastruns", run(["pipelineRef": ["name": "other"]]), old: run()),
            Question("forecastruns", run(["cancel": false]), old: run(["cancel": true])),
        ])
        #expect(answer.broken.map(\.count) == [0, 0, 0, 1, 1, 1, 1])
        #expect(answer.broken.flatMap { $0.map(\.[0]) } == [".spec", ".spec", ".spec", ".spec"])
    }
}
