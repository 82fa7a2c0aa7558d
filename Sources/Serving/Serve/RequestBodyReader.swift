// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird

/// Reads bodies of inference requests: JSON, bounded.
enum RequestBodyReader {
    /// The whole body, as it comes from the connection.
    ///
    /// - Parameter limit: Most bytes; a longer body is refused, where its length is announced before a byte of it is read.
    /// - Throws: `ServingError.bodyTooLarge`, `bodyBroken`; `CancellationError`.
    static func collect(_ request: Request, limit: Int) async throws -> ByteBuffer {
        if let length = request.headers.first(.contentLength).flatMap({ Int($0) }), length > limit {
            throw ServingError.bodyTooLarge(limit: limit)
        }
        var whole = ByteBuffer()
        do {
            for try await var piece in request.body {
                guard whole.readableBytes + piece.readableBytes <= limit else {
                    throw ServingError.bodyTooLarge(limit: limit)
                }
                if whole.readableBytes == 0 { whole = piece } else { whole.writeBuffer(&piece) }
            }
        } catch let error as ServingError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // What the connection says is of no use to whoever has left, and no fault of ours.
            throw ServingError.bodyBroken
        }
        return whole
    }

    /// The bytes of a body that was let in.
    /// - Parameter takesBinary: Whether tensors may stand behind the JSON, which has a content type of its own.
    /// - Throws: `ServingError.unsupportedMediaType` where it is not JSON.
    static func read(_ request: Request, takesBinary: Bool = false) async throws -> [UInt8] {
        if !takesBinary, let type = request.headers.first(.contentType), !isJSON(type) {
            throw ServingError.unsupportedMediaType(type)
        }
        var bytes: [UInt8] = []
        for try await piece in request.body { bytes.append(contentsOf: piece.readableBytesView) }
        return bytes
    }

    /// Whether a content type is JSON. What curl sends when nobody says otherwise is taken for JSON too, as KServe does.
    private static func isJSON(_ type: String) -> Bool {
        if type == "application/json" { return true }
        let essence = type.prefix { $0 != ";" }.trimmingSuffix(while: { $0 == " " }).lowercased()
        return essence == "application/json" || essence == "application/x-www-form-urlencoded"
            || (essence.hasPrefix("application/") && essence.hasSuffix("+json"))
    }
}

extension HTTPFields {
    /// The value of the first field of that name. The subscript builds a list and a text of all of them.
    fileprivate func first(_ name: HTTPField.Name) -> String? { first { $0.name == name }?.value }
}

extension Substring {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
        var rest = self
        while let last = rest.last, predicate(last) { rest.removeLast() }
        return rest
    }
}
