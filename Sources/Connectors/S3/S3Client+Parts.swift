// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import HTTPTransport

/// An upload in parts that was begun and neither completed nor aborted.
package struct S3Upload: Sendable, Equatable {
    /// The key of the object that it would make.
    package let key: String
    /// What the server calls it.
    package let id: String
    /// When it was begun, in seconds since 1970.
    package let initiated: Int64
}

extension S3Client {
    /// The most parts that an object may have.
    private static let maximumParts = 10_000
    /// Parts that are under way at a time: enough to fill a line whose answers take their time.
    private static let partsAtOnce = 3

    /// Uploads an object in parts, which become visible together; nothing is left where that fails. See `put`.
    func putParts(
        _ key: String,
        count: Int,
        bytes: @escaping @Sendable (Range<Int>) -> [UInt8]
    ) async throws(ConnectorError) {
        let begin = Call(method: "POST", key: key, query: [("uploads", "")])
        let answer = try document(try await send(begin), root: "InitiateMultipartUploadResult", begin)
        guard let id = answer["UploadId"], !id.isEmpty else {
            throw S3Problem.unreadable("names no upload", shown(begin))
        }
        do {
            let tags = try await upload(count, bytes, key: key, id: id)
            try await complete(key: key, id: id, tags: tags)
        } catch {
            // What cannot be aborted now is found by a later clean-up.
            try? await abort(S3Upload(key: key, id: id, initiated: 0))
            throw error
        }
    }

    /// Ends an upload; its parts are gone. Fine when there is none.
    package func abort(_ upload: S3Upload) async throws(ConnectorError) {
        _ = try await send(
            Call(method: "DELETE", key: upload.key, query: [("uploadId", upload.id)], expected: [404])
        )
    }

    /// The unfinished uploads of keys below a prefix.
    package func unfinishedUploads(prefix: String) async throws(ConnectorError) -> [S3Upload] {
        let call = Call(method: "GET", query: [("uploads", ""), ("prefix", prefix)])
        let page = try document(try await send(call), root: "ListMultipartUploadsResult", call)
        return page.all("Upload").compactMap { entry in
            // Some servers list more than what was asked for.
            guard let key = entry["Key"], key.hasPrefix(prefix), let id = entry["UploadId"],
                let initiated = entry["Initiated"].flatMap(Self.seconds)
            else { return nil }
            return S3Upload(key: key, id: id, initiated: initiated)
        }
    }

    private func upload(
        _ count: Int,
        _ bytes: @escaping @Sendable (Range<Int>) -> [UInt8],
        key: String,
        id: String
    ) async throws(ConnectorError) -> [String] {
        let size = max(partSize, (count + Self.maximumParts - 1) / Self.maximumParts)
        let starts = Array(stride(from: 0, to: count, by: size))
        var tags = [String](repeating: "", count: starts.count)
        let outcome: Result<[String], ConnectorError> = await withTaskGroup(
            of: Result<(Int, String), ConnectorError>.self
        ) { group in
            var next = 0
            func start() {
                guard next < starts.count else { return }
                let (index, begin) = (next, starts[next])
                group.addTask {
                    do throws(ConnectorError) {
                        let part = bytes(begin..<min(begin + size, count))
                        return .success((index, try await self.put(part: part, number: index + 1, key: key, id: id)))
                    } catch {
                        return .failure(error)
                    }
                }
                next += 1
            }
            for _ in 0..<Self.partsAtOnce { start() }
            for await result in group {
                switch result {
                case .success((let index, let tag)):
                    tags[index] = tag
                    start()
                case .failure(let error):
                    group.cancelAll()
                    return .failure(error)
                }
            }
            return .success(tags)
        }
        return try outcome.get()
    }

    private func put(
        part: [UInt8],
        number: Int,
        key: String,
        id: String
    ) async throws(ConnectorError) -> String {
        let query = [(name: "partNumber", value: String(number)), (name: "uploadId", value: id)]
        let call = Call(method: "PUT", key: key, query: query, body: part)
        guard let tag = try await send(call).headers.first(named: "ETag"), !tag.isEmpty else {
            throw S3Problem.unreadable("has no ETag", shown(call))
        }
        return tag
    }

    private func complete(key: String, id: String, tags: [String]) async throws(ConnectorError) {
        var body = "<CompleteMultipartUpload>"
        for (index, tag) in tags.enumerated() {
            let text = tag.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            body += "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(text)</ETag></Part>"
        }
        body += "</CompleteMultipartUpload>"
        let headers = [HTTPHeader("Content-Type", "application/xml")]
        let call = Call(method: "POST", key: key, query: [("uploadId", id)], headers: headers, body: Array(body.utf8))
        _ = try document(try await send(call), root: "CompleteMultipartUploadResult", call)
    }
}
