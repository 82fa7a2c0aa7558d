// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Yams

/// An OpenAPI v3 schema of a CRD, as far as the CRDs here use one.
struct Schema {
    let node: [String: Any]

    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Reads the schema in `crds/<plural>.yaml`.
    static func crd(_ plural: String) throws -> Schema {
        let text = try String(contentsOf: repository.appending(path: "crds/\(plural).yaml"), encoding: .utf8)
        let crd = try #require(try Yams.load(yaml: text) as? [String: Any])
        let spec = try #require(crd["spec"] as? [String: Any])
        let version = try #require((spec["versions"] as? [[String: Any]])?.first)
        let validation = try #require(version["schema"] as? [String: Any])
        return Schema(node: try #require(validation["openAPIV3Schema"] as? [String: Any]))
    }

    var type: String? { node["type"] as? String }
    var properties: [String: Schema] { (node["properties"] as? [String: [String: Any]] ?? [:]).mapValues(Schema.init) }
    var items: Schema? { (node["items"] as? [String: Any]).map(Schema.init) }
    var values: Schema? { (node["additionalProperties"] as? [String: Any]).map(Schema.init) }
    var options: [String]? { node["enum"] as? [String] }
    var required: [String] { node["required"] as? [String] ?? [] }

    /// The schema of a field by its dotted path.
    func at(_ path: String) -> Schema? {
        path.split(separator: ".").reduce(Optional(self)) { schema, name in
            let bare = name.hasSuffix("[]") ? String(name.dropLast(2)) : String(name)
            let field = schema?.properties[bare]
            return name.hasSuffix("[]") ? field?.items : field
        }
    }

    /// Calls for this schema and each below it.
    func walk(_ path: String, _ body: (String, Schema) -> Void) {
        body(path, self)
        for (name, field) in properties { field.walk(path.isEmpty ? name : "\(path).\(name)", body) }
        items?.walk("\(path)[]", body)
        values?.walk("\(path){}", body)
    }

    /// The value with the defaults that a server would fill in.
    func defaulted(_ value: Any) -> Any {
        if let list = value as? [Any], let items { return list.map(items.defaulted) }
        guard var object = value as? [String: Any] else { return value }
        for (name, field) in properties {
            if let present = object[name] ?? field.node["default"] { object[name] = field.defaulted(present) }
        }
        return object
    }

    /// What a server would object to, CEL rules aside.
    func problems(_ value: Any, at path: String = "") -> [String] {
        if node["x-kubernetes-int-or-string"] as? Bool == true {
            if value is Int { return [] }
            return textProblems(value, path)
        }
        switch type {
        case "object": return objectProblems(value, path)
        case "array": return listProblems(value, path)
        case "string": return textProblems(value, path)
        case "boolean": return value is Bool ? [] : ["\(path): not a boolean"]
        case "integer": return value is Int ? numberProblems(value, path) : ["\(path): not an integer"]
        case "number": return numberProblems(value, path)
        default: return ["\(path): the schema has no type"]
        }
    }

    private func objectProblems(_ value: Any, _ path: String) -> [String] {
        guard let object = value as? [String: Any] else { return ["\(path): not an object"] }
        if path == ".metadata" { return [] }
        var found = required.filter { object[$0] == nil }.map { "\(path).\($0): missing" }
        for (name, field) in object {
            if let schema = properties[name] ?? values {
                found += schema.problems(field, at: "\(path).\(name)")
            } else {
                found.append("\(path).\(name): unknown")
            }
        }
        if let most = node["maxProperties"] as? Int, object.count > most { found.append("\(path): too many") }
        return found
    }

    private func listProblems(_ value: Any, _ path: String) -> [String] {
        guard let list = value as? [Any] else { return ["\(path): not a list"] }
        var found = list.enumerated().flatMap { items?.problems($1, at: "\(path)[\($0)]") ?? [] }
        if list.count < node["minItems"] as? Int ?? 0 { found.append("\(path): too few") }
        if list.count > node["maxItems"] as? Int ?? .max { found.append("\(path): too many") }
        if node["x-kubernetes-list-type"] as? String == "set", Set(list.map { "\($0)" }).count != list.count {
            found.append("\(path): a duplicate")
        }
        return found
    }

    private func textProblems(_ value: Any, _ path: String) -> [String] {
        guard let text = value as? String else { return ["\(path): not a string"] }
        var found: [String] = []
        if let options, !options.contains(text) { found.append("\(path): not one of \(options)") }
        if text.unicodeScalars.count < node["minLength"] as? Int ?? 0 { found.append("\(path): too short") }
        if text.unicodeScalars.count > node["maxLength"] as? Int ?? .max { found.append("\(path): too long") }
        if let pattern = node["pattern"] as? String, text.range(of: pattern, options: .regularExpression) == nil {
            found.append("\(path): does not match \(pattern)")
        }
        return found
    }

    private func numberProblems(_ value: Any, _ path: String) -> [String] {
        guard let number = value as? Double ?? (value as? Int).map(Double.init) else {
            return ["\(path): not a number"]
        }
        func bound(_ key: String) -> Double? { node[key] as? Double ?? (node[key] as? Int).map(Double.init) }
        var found: [String] = []
        let isOpenBelow = node["exclusiveMinimum"] as? Bool ?? false
        let isOpenAbove = node["exclusiveMaximum"] as? Bool ?? false
        if let least = bound("minimum"), number < least || (isOpenBelow && number == least) {
            found.append("\(path): below \(least)")
        }
        if let most = bound("maximum"), number > most || (isOpenAbove && number == most) {
            found.append("\(path): above \(most)")
        }
        return found
    }
}
