// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import HTTPTransport

/// An object of a bucket.
package struct S3Object: Sendable, Equatable {
    /// Its key.
    package let key: String
    /// Its bytes.
    package let size: Int
    /// When it was written, in seconds since 1970.
    package let modified: Int64
}

/// What lies below a prefix.
package struct S3Listing: Sendable, Equatable {
    /// The objects, sorted by key.
    package var objects: [S3Object] = []
    /// What keys go on with up to the delimiter, sorted, each with its prefix and the delimiter.
    package var prefixes: [String] = []
}

extension S3Client {
    /// The bytes of an object; nil when there is none.
    package func get(_ key: String) async throws(ConnectorError) -> [UInt8]? {
        let call = Call(method: "GET", key: key)
        do throws(ConnectorError) {
            let response = try await send(call)
            if let announced = response.headers.first(named: "Content-Length"), Int(announced) != response.body.count {
                throw S3Problem.halfAnswer(response.body.count, of: announced, shown(call))
            }
            return Array(response.body)
        } catch {
            guard error.isMissingObject else { throw error }
            return nil
        }
    }

    /// Writes or replaces an object; large ones in parts, of which nothing is left when it fails.
    ///
    /// - Parameter onlyNew: Writes just where there is no such object, by `If-None-Match: *`, in one piece.
    /// - Returns: False where there is one already.
    @discardableResult
    package func put(_ key: String, _ bytes: [UInt8], onlyNew: Bool = false) async throws(ConnectorError) -> Bool {
        guard onlyNew else {
            try await put(key, count: bytes.count) { Array(bytes[$0]) }
            return true
        }
        let headers = [HTTPHeader("If-None-Match", "*")]
        let call = Call(method: "PUT", key: key, headers: headers, body: bytes, expected: [412])
        return try await (200...299).contains(send(call).status)
    }

    /// Writes or replaces an object that is not one array; large ones in parts, of which nothing is left when it fails.
    ///
    /// - Parameters:
    ///   - count: The object's bytes.
    ///   - bytes: Gives those of a range, more than once where an attempt fails.
    func put(
        _ key: String,
        count: Int,
        bytes: @escaping @Sendable (Range<Int>) -> [UInt8]
    ) async throws(ConnectorError) {
        guard count <= partSize else { return try await putParts(key, count: count, bytes: bytes) }
        _ = try await send(Call(method: "PUT", key: key, body: bytes(0..<count)))
    }

    /// Removes an object; fine when it is not there.
    package func delete(_ key: String) async throws(ConnectorError) {
        _ = try await send(Call(method: "DELETE", key: key, expected: [404]))
    }

    /// What lies below a prefix.
    ///
    /// - Parameter delimiter: Ends the part of keys that is listed; without one all objects are listed.
    package func list(prefix: String, delimiter: String? = nil) async throws(ConnectorError) -> S3Listing {
        var listing = S3Listing()
        var token: String?
        repeat {
            var call = Call(method: "GET", query: [("list-type", "2"), ("prefix", prefix)])
            if let delimiter { call.query.append(("delimiter", delimiter)) }
            if let token { call.query.append(("continuation-token", token)) }
            let page = try document(try await send(call), root: "ListBucketResult", call)
            for entry in page.all("Contents") {
                guard let key = entry["Key"], let size = entry["Size"].flatMap({ Int($0) }),
                    let modified = entry["LastModified"].flatMap(Self.seconds)
                else { throw S3Problem.unreadable("lists an object without key, size or time", shown(call)) }
                listing.objects.append(S3Object(key: key, size: size, modified: modified))
            }
            listing.prefixes += page.all("CommonPrefixes").compactMap { $0["Prefix"] }
            let next = page["IsTruncated"] == "true" ? page["NextContinuationToken"] : nil
            // A server that repeats itself would be asked for ever.
            guard next == nil || next != token else {
                throw S3Problem.unreadable("names the same page again", shown(call))
            }
            token = next
        } while token != nil
        // Servers sort by bytes, and not all of them say so.
        listing.objects.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        listing.prefixes.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return listing
    }

    func shown(_ call: Call) -> String { "\(call.method) \(bucket.shown(call.key))" }

    /// A time as S3 writes it, `2026-11-21T16:51:05.000Z`, without its fraction.
    static func seconds(_ text: String) -> Int64? {
        guard text.hasSuffix("Z"), let parser = try? TimestampParser(.automatic) else { return nil }
        var whole = String(text.prefix(19))
        return whole.withUTF8 { try? parser.parse(UnsafeRawBufferPointer($0)).seconds }
    }
}

extension ConnectorError {
    /// Whether just the object is not there.
    var isMissingObject: Bool {
        guard case .s3(let problem) = self else { return false }
        return problem.kind == .notFound
    }
}
