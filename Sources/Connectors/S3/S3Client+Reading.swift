// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import HTTPTransport

extension S3Client {
    /// The keys that a location means, sorted by bytes.
    ///
    /// Throws `ConnectorError.sourceNotFound` where there are none.
    func keys(of location: S3Location) async throws(ConnectorError) -> [String] {
        guard location.isPattern else { return [location.key] }
        let keys = try await list(prefix: location.prefix).objects.map(\.key).filter(location.matches)
        guard !keys.isEmpty else {
            throw .sourceNotFound(location: bucket.shown(location.key), reason: "no object matches it")
        }
        return keys
    }

    /// Hands an object, or a range of its bytes, over piece by piece. Where the connection breaks, reading goes on from
    /// there, if the object is still the same.
    ///
    /// - Parameter version: The `ETag` that the object must still have; nil where none is known yet.
    func read(
        _ key: String,
        range: Range<Int64>? = nil,
        version: String? = nil,
        to sink: (Data) async throws(ConnectorError) -> Void
    ) async throws(ConnectorError) {
        let first = range?.lowerBound ?? 0
        let last = range.map { String($0.upperBound - 1) } ?? ""
        var offset = first
        var tag = version
        var failures = 0
        while true {
            var call = Call(method: "GET", key: key)
            let isPart = range != nil || offset > 0
            if isPart {
                call.headers = [HTTPHeader("Range", "bytes=\(offset)-\(last)")]
                if let tag { call.headers.append(HTTPHeader("If-Match", tag)) }
            }
            let response = try await open(call)
            guard !isPart || response.status == 206 else {
                throw S3Problem.unreadable("is not the part of the object that was asked for", shown(call))
            }
            tag = response.headers.first(named: "ETag")
            let start = offset
            let failure = try await drain(response.body, &offset, call, sink)
            let announced = response.headers.first(named: "Content-Length").flatMap { Int64($0) }
            if failure == nil, announced == nil || announced == offset - start { return }
            // What made progress may break off as often as it likes.
            failures = offset > start ? 1 : failures + 1
            guard let pause = retries.pause(after: failures) else {
                let half = S3Problem(kind: .unreachable, request: shown(call), reason: "the answer broke off")
                throw failure ?? .s3(half)
            }
            do { try await retries.sleep(pause) } catch { throw .cancelled }
        }
    }

    /// The bytes of a range of an object; all of them.
    ///
    /// - Parameter version: The `ETag` that the object must still have; nil where none is known.
    func get(_ key: String, _ range: Range<Int64>, version: String? = nil) async throws(ConnectorError) -> [UInt8] {
        // A request for nothing would ask for everything.
        if range.isEmpty { return [] }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        try await read(key, range: range, version: version) { piece throws(ConnectorError) in
            bytes.append(contentsOf: piece)
        }
        guard bytes.count == range.count else {
            throw S3Problem.halfAnswer(bytes.count, of: "\(range.count)", shown(Call(method: "GET", key: key)))
        }
        return bytes
    }

    /// Takes an answer up to its end; what ended it before that is returned, for another answer may heal it.
    private func drain(
        _ body: AsyncThrowingStream<Data, any Error>,
        _ offset: inout Int64,
        _ call: Call,
        _ sink: (Data) async throws(ConnectorError) -> Void
    ) async throws(ConnectorError) -> ConnectorError? {
        var pieces = body.makeAsyncIterator()
        while true {
            let piece: Data?
            do {
                piece = try await pieces.next()
            } catch {
                let failure = S3Problem.noAnswer(error, shown(call))
                guard failure.isRetryable, failure != .cancelled else { throw failure }
                return failure
            }
            // A cancelled task's stream ends early without an error.
            if Task.isCancelled { throw .cancelled }
            guard let piece else { return nil }
            offset += Int64(piece.count)
            try await sink(piece)
        }
    }
}
