// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Yams

/// A YAML file that holds one ForecastPipeline, perhaps among other objects.
struct PipelineFile {
    /// Where the file lies; a relative `source.csv.path` starts from its folder.
    let url: URL
    /// The pipeline as it is written there, without a status.
    let pipeline: ForecastPipeline

    /// Reads a file.
    init(path: String) throws {
        url = URL(fileURLWithPath: path)
        let data: Data
        do {
            data = try Data(contentsOf: url)
        } catch {
            throw CLIError.unreadableFile(path: path, reason: (error as NSError).localizedDescription)
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw CLIError.unreadableFile(path: path, reason: "it is not UTF-8 text")
        }
        pipeline = try Self.pipeline(in: text, path: path)
    }

    /// Finds and decodes the one pipeline in a text; `path` is only for messages.
    static func pipeline(in text: String, path: String) throws -> ForecastPipeline {
        do {
            let candidates = try documents(in: text).filter { $0["kind"]?.string == ForecastPipeline.resource.kind }
            guard let document = candidates.first else {
                throw CLIError.badField(FileProblem(field: "", message: "holds no ForecastPipeline"))
            }
            guard candidates.count == 1 else {
                let lines = candidates.map { String($0.mark?.line ?? 0) }.joined(separator: ", ")
                let message = "holds \(candidates.count) ForecastPipelines (lines \(lines)); run takes one"
                throw CLIError.badField(FileProblem(field: "", message: message))
            }
            return try decode(document, path: path)
        } catch CLIError.badField(let problem) {
            throw CLIError.badFile(path: path, problems: [problem])
        }
    }

    private static func documents(in text: String) throws -> [Node] {
        do {
            let parser = try Parser(yaml: text)
            var documents: [Node] = []
            while let root = try parser.nextRoot() { documents.append(root) }
            return documents
        } catch let error as YamlError {
            throw CLIError.badField(error.problem)
        }
    }

    private static func decode(_ document: Node, path: String) throws -> ForecastPipeline {
        let log = FieldLog()
        var problems: [FileProblem] = []
        do {
            let node = document.withoutServerFields
            let decoder = NodeDecoder(node: node, path: FieldPath(), log: log)
            let pipeline = try decoder.decode(ForecastPipeline.self)
            problems += log.problems + headProblems(of: pipeline, in: node)
            guard problems.isEmpty else { throw CLIError.badFile(path: path, problems: problems) }
            return pipeline
        } catch CLIError.badField(let problem) {
            throw CLIError.badFile(path: path, problems: log.problems + [problem])
        }
    }

    /// What a server checks of every object before it looks at the specification.
    private static func headProblems(of pipeline: ForecastPipeline, in node: Node) -> [FileProblem] {
        var problems: [FileProblem] = []
        let wanted = ForecastPipeline.resource.apiVersion
        if pipeline.apiVersion != wanted {
            let found = pipeline.apiVersion.map { "is '\($0)'" } ?? "is not set"
            let line = node["apiVersion"]?.mark?.line ?? node.mark?.line
            problems.append(FileProblem(line: line, field: "apiVersion", message: "\(found); it must be '\(wanted)'"))
        }
        let metadata = node["metadata"]
        let names = [("name", pipeline.metadata.name), ("namespace", pipeline.metadata.namespace ?? "default")]
        for (field, name) in names where !ObjectName.isValid(name) {
            let line = metadata?[field]?.mark?.line
            let message = "'\(name)' \(ObjectName.rule)"
            problems.append(FileProblem(line: line, field: "metadata.\(field)", message: message))
        }
        return problems
    }
}

/// Names of objects, which are names of folders in the store as well.
enum ObjectName {
    /// What a name must be.
    static let rule = "must be at most 63 lower-case letters, digits and '-', with no '-' at either end"

    /// Whether a text can name a pipeline or a namespace.
    static func isValid(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard let first = bytes.first, let last = bytes.last, bytes.count <= 63 else { return false }
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }
}

extension Node {
    /// The object without what only a server writes, so that the output of `kubectl get -o yaml` can be run.
    fileprivate var withoutServerFields: Node {
        guard case .mapping(var root) = self else { return self }
        root["status"] = nil
        if case .mapping(var metadata)? = root["metadata"] {
            metadata["managedFields"] = nil
            metadata["selfLink"] = nil
            root["metadata"] = .mapping(metadata)
        }
        return .mapping(root)
    }
}

extension YamlError {
    /// The fault with its line, in one sentence.
    fileprivate var problem: FileProblem {
        switch self {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let place = context.map { " (\($0.text))" } ?? ""
            return FileProblem(line: mark.line, field: "", message: "is not YAML: \(problem)\(place)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let keys = duplicates.sorted().joined(separator: ", ")
            return FileProblem(line: context.mark.line, field: "", message: "has more than one field named \(keys)")
        default:
            return FileProblem(field: "", message: "is not YAML: \(self)")
        }
    }
}
