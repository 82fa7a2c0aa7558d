// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPTransport
internal import Parquet

/// An object of a bucket that is read range by range.
struct ParquetObject: ParquetInput {
    /// Bytes of the end that are fetched when it is opened: the footer of most files, so that no other request asks
    /// for it.
    private static let tailBytes: Int64 = 64 << 10

    let name: String
    private let key: String
    private let client: S3Client
    private let length: Int64
    /// Which version of the object the size belongs to; nil where the server does not say.
    private let tag: String?
    private let tail: [UInt8]

    /// Fetches the object's end, whose answer tells its size.
    static func open(_ key: String, of client: S3Client) async throws(ConnectorError) -> ParquetObject {
        let name = "s3://\(client.bucket.name)/\(key)"
        var call = S3Client.Call(method: "GET", key: key)
        call.headers = [HTTPHeader("Range", "bytes=-\(tailBytes)")]
        // An empty object has no last bytes.
        call.expected = [416]
        let response = try await client.send(call)
        let tail = Array(response.body)
        guard response.status != 416, !tail.isEmpty else {
            throw .badData(BadData("the file is empty", source: name))
        }
        // A small object may come whole.
        let whole = response.status == 206 ? response.headers.totalOfContentRange : Int64(tail.count)
        guard let length = whole, length >= tail.count else {
            throw S3Problem.unreadable("does not say how large the object is", client.shown(call))
        }
        return ParquetObject(
            name: name,
            key: key,
            client: client,
            length: length,
            tag: response.headers.strongTag,
            tail: tail
        )
    }

    func size() async throws(ParquetError) -> Int64 { length }

    func read(_ range: Range<Int64>) async throws(ParquetError) -> [UInt8] {
        let tailStart = length - Int64(tail.count)
        if range.lowerBound >= tailStart {
            return Array(tail[Int(range.lowerBound - tailStart)..<Int(range.upperBound - tailStart)])
        }
        do throws(ConnectorError) {
            return try await client.get(key, range, version: tag)
        } catch {
            throw .unreadable(file: name, reason: error.description)
        }
    }
}
