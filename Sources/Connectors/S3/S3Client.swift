// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import HTTPTransport

/// Reads and writes the objects of a bucket.
///
/// Requests that a broken connection, a busy server or a passing fault ended are sent again. All calls throw
/// `ConnectorError`: `s3` with what is wrong, `badSpecification` for what cannot be signed or sent, `cancelled`.
package struct S3Client: Sendable {
    /// The bucket.
    package let bucket: S3Bucket
    let retries: S3Retries
    let partSize: Int
    let now: @Sendable () -> Date
    private let transport: any HTTPTransport
    private let keys: S3KeyRing

    /// How long a server may stay silent.
    static let idleTimeout = Duration.seconds(30)

    /// Prepares requests.
    ///
    /// - Parameters:
    ///   - partSize: Objects of more bytes are uploaded in parts of this size, at least 5 MiB on most servers.
    ///   - now: The time of the wall clock, which signatures hold.
    package init(
        bucket: S3Bucket,
        credentials: S3CredentialSource,
        transport: any HTTPTransport,
        retries: S3Retries = S3Retries(),
        partSize: Int = 16 << 20,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.bucket = bucket
        self.transport = transport
        self.retries = retries
        self.partSize = max(1, partSize)
        self.now = now
        keys = S3KeyRing(credentials)
    }

    /// One request.
    struct Call: Sendable {
        var method: String
        /// The object; nil for the bucket.
        var key: String?
        var query: [(name: String, value: String)] = []
        var headers: [HTTPHeader] = []
        var body: [UInt8] = []
        /// Statuses beside 200 to 299 that are answers and no errors.
        var expected: Set<Int> = []
    }

    /// Sends a request until there is an answer that another attempt would not better.
    func send(_ call: Call) async throws(ConnectorError) -> HTTPResponse {
        let shown = "\(call.method) \(bucket.shown(call.key))"
        return try await attempting { () async throws(ConnectorError) in
            let request = try await request(call)
            let response: HTTPResponse
            do {
                response = try await transport.send(request)
            } catch {
                throw S3Problem.noAnswer(error, shown)
            }
            if (200...299).contains(response.status) || call.expected.contains(response.status) { return response }
            throw ConnectorError.s3(S3Problem(response, bucket: bucket, request: shown, now: now()))
        }
    }

    /// Opens an answer whose body comes piece by piece; the caller heals what breaks after that.
    func open(_ call: Call) async throws(ConnectorError) -> HTTPStreamingResponse {
        let shown = "\(call.method) \(bucket.shown(call.key))"
        return try await attempting { () async throws(ConnectorError) in
            let request = try await request(call)
            let response: HTTPStreamingResponse
            var refusal = HTTPResponse(status: 0)
            do {
                response = try await transport.stream(request)
                if (200...299).contains(response.status) { return response }
                refusal = HTTPResponse(status: response.status, headers: response.headers)
                for try await piece in response.body where refusal.body.count < 64 * 1024 { refusal.body += piece }
            } catch {
                throw S3Problem.noAnswer(error, shown)
            }
            throw ConnectorError.s3(S3Problem(refusal, bucket: bucket, request: shown, now: now()))
        }
    }

    /// Does something until it succeeds, fails for good, or was tried often enough.
    private func attempting<Value: Sendable>(
        _ work: () async throws(ConnectorError) -> Value
    ) async throws(ConnectorError) -> Value {
        var attempt = 1
        while true {
            do {
                return try await work()
            } catch {
                guard error.isRetryable, error != .cancelled, let pause = retries.pause(after: attempt) else {
                    throw error
                }
                do { try await retries.sleep(pause) } catch { throw .cancelled }
            }
            attempt += 1
        }
    }

    private func request(_ call: Call) async throws(ConnectorError) -> HTTPRequest {
        var subject = SigV4Signer.Subject(method: call.method, host: bucket.host, path: bucket.path(call.key))
        subject.query = call.query
        subject.headers = call.headers
        if !call.body.isEmpty { subject.payload = try SigV4Signer.digest(call.body) }
        var headers = call.headers
        if let credentials = try await keys.credentials(transport, region: bucket.region, now: now()) {
            headers = try SigV4Signer(credentials: credentials, region: bucket.region).headers(for: subject, at: now())
        }
        // Not signed: proxies change it. Without it, packed objects would come unpacked and with another length.
        headers.append(HTTPHeader("Accept-Encoding", "identity"))
        let sendsBody = call.method == "PUT" || call.method == "POST"
        return HTTPRequest(
            method: call.method,
            url: bucket.url(path: subject.path, query: subject.canonicalQuery),
            headers: headers,
            body: sendsBody ? Data(call.body) : nil,
            timeout: nil,
            idleTimeout: Self.idleTimeout,
            mayRepeat: true
        )
    }

    /// Reads an answer that is XML with that root element.
    func document(_ response: HTTPResponse, root: String, _ call: Call) throws(ConnectorError) -> XMLElement {
        let shown = "\(call.method) \(bucket.shown(call.key))"
        let document: XMLElement
        do {
            document = try XMLScanner.parse(Array(response.body))
        } catch {
            throw S3Problem.unreadable("is not XML (\(error.reason))", shown)
        }
        // Some calls fail after their status was sent.
        if document.name == "Error" {
            throw .s3(S3Problem(response, bucket: bucket, request: shown, now: now()))
        }
        guard document.name == root else {
            throw S3Problem.unreadable("is '\(BadData.excerpt(of: document.name.utf8))', not \(root)", shown)
        }
        return document
    }
}
