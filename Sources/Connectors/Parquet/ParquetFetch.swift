// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import HTTPTransport
internal import Parquet

/// Opens a Parquet file that a server has.
///
/// A server that knows ranges is asked only for what is needed. From any other the whole file is fetched into a
/// temporary file, so that memory stays bounded either way.
struct ParquetFetch: Sendable {
    /// Small pieces are joined up to this size, so that each hop between threads is worth it.
    private static let pieceSize = 1 << 20

    let url: String
    /// The URL as messages may show it.
    let shown: String
    let transport: any HTTPTransport
    let headers: [HTTPHeader]

    /// Asks for the first bytes, whose answer tells what the server can.
    func open() async throws(ConnectorError) -> any ParquetInput {
        let response = try await stream(range: 0..<4)
        guard response.status == 206 else {
            if let refusal = refusal(response.status) { throw refusal }
            return try await spool(response)
        }
        guard let total = response.headers.totalOfContentRange else {
            throw .badSpecification(field: "location", problem: "\(shown) does not say how large the file is")
        }
        return ParquetRemoteFile(fetch: self, length: total, tag: response.headers.strongTag)
    }

    func stream(range: Range<Int64>, tag: String? = nil) async throws(ConnectorError) -> HTTPStreamingResponse {
        var headers = headers
        headers.append(HTTPHeader("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)"))
        if let tag { headers.append(HTTPHeader("If-Match", tag)) }
        let request = HTTPRequest(url: url, headers: headers, timeout: nil, idleTimeout: CSVSource.idleTimeout)
        do {
            return try await transport.stream(request)
        } catch {
            throw failure(error)
        }
    }

    /// What a failure of the transport means.
    func failure(_ error: any Error) -> ConnectorError { ConnectorError(error, url: shown, field: "location") }

    /// What a status other than 200 and 206 means.
    func refusal(_ status: Int) -> ConnectorError? {
        // An empty file has no first bytes.
        if status == 416 { return .badData(BadData("the file is empty", source: shown)) }
        return CSVSource.refusal(status, url: shown)
    }

    /// Fetches a whole body into a temporary file, which has no name and goes when it is closed.
    private func spool(_ response: HTTPStreamingResponse) async throws(ConnectorError) -> any ParquetInput {
        let spool = try SpoolFile(of: shown)
        var collected = Data()
        var pieces = response.body.makeAsyncIterator()
        while true {
            let piece: Data?
            do {
                piece = try await pieces.next()
            } catch {
                throw failure(error)
            }
            guard let piece else { break }
            collected.append(piece)
            if collected.count >= Self.pieceSize {
                try await spool.append(collected)
                collected = Data()
            }
        }
        // A cancelled task's stream ends early without an error.
        if Task.isCancelled { throw .cancelled }
        try await spool.append(collected)
        return try spool.input()
    }
}

extension [HTTPHeader] {
    /// The size of the whole in `Content-Range: bytes 0-3/1234`.
    var totalOfContentRange: Int64? {
        guard let range = first(named: "Content-Range"), let slash = range.lastIndex(of: "/") else { return nil }
        return Int64(range[range.index(after: slash)...])
    }

    /// The `ETag`; not a weak one, which does not promise the same bytes.
    var strongTag: String? { first(named: "ETag").flatMap { $0.hasPrefix("W/") ? nil : $0 } }
}

/// A file that is read range by range from its server.
private struct ParquetRemoteFile: ParquetInput {
    let fetch: ParquetFetch
    let length: Int64
    /// Which version of the file the size belongs to; nil where the server does not say.
    let tag: String?

    var name: String { fetch.shown }

    func size() async throws(ParquetError) -> Int64 { length }

    func read(_ range: Range<Int64>) async throws(ParquetError) -> [UInt8] {
        let wanted = Int(range.upperBound - range.lowerBound)
        if wanted == 0 { return [] }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(wanted)
        do {
            let response = try await fetch.stream(range: range, tag: tag)
            guard response.status != 412 else { throw failure("the file changed while it was read") }
            guard response.status == 206 else { throw failure("the server answered with status \(response.status)") }
            for try await piece in response.body {
                guard piece.count <= wanted - bytes.count else { throw failure("the server sent too many bytes") }
                bytes.append(contentsOf: piece)
            }
        } catch let error as ParquetError {
            throw error
        } catch {
            let problem = error as? ConnectorError ?? fetch.failure(error)
            guard case .sourceUnreachable(_, let reason) = problem else { throw failure(problem.description) }
            throw failure(reason)
        }
        guard bytes.count == wanted else { throw failure("the server sent \(bytes.count) of \(wanted) bytes") }
        return bytes
    }

    private func failure(_ reason: String) -> ParquetError { .unreadable(file: name, reason: reason) }
}
