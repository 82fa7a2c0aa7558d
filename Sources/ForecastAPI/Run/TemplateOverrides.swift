// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import KubeCore
package import TimeZones

/// What a clone changes in the template of the run that it comes from: a JSON merge patch (RFC 7386), in which a block that
/// excludes others takes their place.
///
/// Without the latter another model block would need a null beside it, and `kubectl apply` leaves nulls out.
package struct TemplateOverrides: Codable, Sendable, Equatable {
    /// The patch, an object with the fields of a run's template.
    package var patch: JSONValue

    /// Makes overrides of a patch.
    package init(_ patch: JSONValue) {
        self.patch = patch
    }

    package init(from decoder: any Decoder) throws {
        patch = try JSONValue(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        try patch.encode(to: encoder)
    }

    /// What becomes of a template.
    package enum Outcome: Sendable, Equatable {
        /// The template with the changes.
        case template(ForecastPipelineSpec)
        /// What is wrong with the changes, each with the path of its field.
        case problems([SpecProblem])
    }

    /// The template with the changes, or all that is wrong with them; fields are named as below `spec.overrides`.
    ///
    /// - Parameter zones: where time zones have to be; nil where somebody else looks.
    package func applied(to template: ForecastPipelineSpec, zones: ZoneDatabase? = nil) throws -> Outcome {
        guard case .object = patch else {
            return .problems([SpecProblem(field: Self.root, message: "must be an object with fields of a template")])
        }
        let present = try Self.value(of: template)
        let merged = present.merging(Self.alternatives.reduce(patch) { Self.replacing($1, in: $0, present) })
        let decoded: ForecastPipelineSpec
        do {
            decoded = try KubeJSON.decoder().decode(ForecastPipelineSpec.self, from: KubeJSON.encoder().encode(merged))
        } catch let error as DecodingError {
            return .problems([Self.problem(error)])
        }
        let unknown = try strangers(decoded)
        guard unknown.isEmpty else { return .problems(unknown) }
        let missing = zones.map { decoded.zoneProblems(zones: $0) } ?? []
        let problems = (decoded.problems() + missing).map(Self.underOverrides)
        return problems.isEmpty ? .template(decoded.template) : .problems(problems)
    }

    private static let root = "spec.overrides"

    /// Fields of which an object has one, by the path of the object.
    private static let alternatives: [(path: [String], names: [String])] = [
        (["model"], ModelSpec.kinds), (["source"], SourceSpec.kinds), (["source", "csv"], ["url", "path"]),
        (["source", "parquet"], ["url", "path"]),
        (["source", "window"], ["lookbackPeriod", "from"]), (["split"], ["dates", "borders"]),
        (["split"], ["train", "dates"]), (["split"], ["train", "borders"]), (["split"], ["validation", "dates"]),
        (["split"], ["validation", "borders"]),
    ]

    /// The patch with a null for the alternative that is there, where the patch sets another one and does not mention it.
    private static func replacing(
        _ alternatives: (path: [String], names: [String]),
        in patch: JSONValue,
        _ present: JSONValue?
    ) -> JSONValue {
        guard case .object(var members) = patch else { return patch }
        guard let name = alternatives.path.first else {
            let isSet = alternatives.names.contains { members[$0] ?? .null != .null }
            for other in alternatives.names where isSet && members[other] == nil && present?[other] != nil {
                members[other] = .null
            }
            return .object(members)
        }
        let inner = (path: Array(alternatives.path.dropFirst()), names: alternatives.names)
        members[name] = members[name].map { replacing(inner, in: $0, present?[name]) }
        return .object(members)
    }

    /// Fields of the patch that no type knows, or that do not belong to a run.
    private func strangers(_ decoded: ForecastPipelineSpec) throws -> [SpecProblem] {
        let whole = try Self.value(of: decoded)
        let template = try Self.value(of: decoded.template)
        return Self.missing(patch, in: template, at: Self.root).map { field, path in
            let isOfPipeline = path.first.map { whole[$0] != nil && template[$0] == nil } ?? false
            return SpecProblem(
                field: field,
                message: isOfPipeline
                    ? "steers the pipeline and is no part of a run; change it there"
                    : "is not a field of a run's template"
            )
        }
    }

    /// The fields of a patch that did not survive decoding: those that the types do not have.
    private static func missing(
        _ patch: JSONValue,
        in value: JSONValue?,
        at field: String,
        _ path: [String] = []
    ) -> [(field: String, path: [String])] {
        switch patch {
        case .null: return []
        case .object(let members):
            guard value != nil else { return [(field, path)] }
            return members.sorted { $0.key < $1.key }.flatMap { name, change in
                missing(change, in: value?[name], at: "\(field).\(name)", path + [name])
            }
        case .array(let items):
            guard case .array(let found) = value, found.count == items.count else { return [(field, path)] }
            return zip(items, found).enumerated().flatMap { index, pair in
                missing(pair.0, in: pair.1, at: "\(field)[\(index)]", path + [String(index)])
            }
        case .bool, .int, .double, .string: return value == nil ? [(field, path)] : []
        }
    }

    private static func underOverrides(_ problem: SpecProblem) -> SpecProblem {
        var moved = problem
        if problem.field == "spec" || problem.field.hasPrefix("spec.") {
            moved.field = root + problem.field.dropFirst("spec".count)
        }
        return moved
    }

    private static func problem(_ error: DecodingError) -> SpecProblem {
        let (keys, message): ([any CodingKey], String) =
            switch error {
            case .keyNotFound(let key, let context): (context.codingPath + [key], "must be set")
            case .valueNotFound(_, let context): (context.codingPath, "must be set")
            case .typeMismatch(let type, let context): (context.codingPath, "must be \(words(for: type))")
            case .dataCorrupted(let context):
                (context.codingPath, "has no possible value; kubectl explain fpipe.spec names those that are")
            @unknown default: ([], "cannot be read")
            }
        let path = keys.reduce(root) { path, key in
            key.intValue.map { "\(path)[\($0)]" } ?? "\(path).\(key.stringValue)"
        }
        return SpecProblem(field: path, message: message)
    }

    private static func words(for type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        case is any FixedWidthInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is [Any].Type: "a list"
        default: "an object or a list, as kubectl explain fpipe.spec shows"
        }
    }

    private static func value(of spec: ForecastPipelineSpec) throws -> JSONValue {
        try KubeJSON.decoder().decode(JSONValue.self, from: KubeJSON.encoder().encode(spec))
    }
}
