// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Says in one line which field of an answer could not be read, and never what its value was.
package enum DecodingFailure {
    /// The field's path and what is wrong there.
    package static func describe(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "it is not what was expected" }
        switch error {
        case .keyNotFound(let key, let context): return "\(path(context.codingPath + [key])) is missing"
        case .valueNotFound(let type, let context): return "\(path(context.codingPath)) is null, not \(type)"
        case .typeMismatch(let type, let context): return "\(path(context.codingPath)) is not \(type)"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty ? "it is not JSON" : "\(path(context.codingPath)) has no valid value"
        @unknown default: return "it is not what was expected"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        var path = ""
        for key in keys {
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return path.isEmpty ? "the whole" : path
    }
}
