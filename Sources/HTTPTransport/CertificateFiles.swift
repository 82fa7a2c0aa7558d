// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The certificates and keys of a transport as they are used now, and the look at their files for new ones.
///
/// A file that is being written, or a certificate whose key has not followed yet, would break every new connection. So
/// new content is used only once two looks in a row have seen all files the same, and what cannot be read changes
/// nothing.
struct CertificateFiles: Sendable {
    private let configured: CurlTransport.TLS
    private let interval: Duration
    private let read: @Sendable (String) -> Data?
    /// What is used, all of it as data.
    private var loaded: CurlTransport.TLS?
    private var candidate: CurlTransport.TLS?
    /// When the files have to be looked at again; nil where there are none, or none was needed yet.
    private(set) var nextCheck: ContinuousClock.Instant?

    init(
        _ configured: CurlTransport.TLS,
        interval: Duration,
        read: @escaping @Sendable (String) -> Data? = { FileManager.default.contents(atPath: $0) }
    ) {
        self.configured = configured
        self.interval = interval
        self.read = read
    }

    /// What to use for a new connection.
    ///
    /// Throws `HTTPTransportError.invalidCredentials` where a file has never been readable.
    mutating func current(at now: ContinuousClock.Instant) throws(HTTPTransportError) -> CurlTransport.TLS {
        if let loaded { return loaded }
        let first = try load()
        loaded = first
        if first != configured { nextCheck = now + interval }
        return first
    }

    /// Looks at the files where that is due; true when what is used has changed.
    mutating func areRenewed(at now: ContinuousClock.Instant) -> Bool {
        guard let due = nextCheck, due <= now else { return false }
        nextCheck = now + interval
        guard let found = try? load(), found != loaded else {
            candidate = nil
            return false
        }
        guard found == candidate else {
            candidate = found
            return false
        }
        loaded = found
        candidate = nil
        return true
    }

    private func load() throws(HTTPTransportError) -> CurlTransport.TLS {
        var tls = configured
        tls.ca = try content(of: configured.ca, "certificate authority")
        tls.clientCertificate = try content(of: configured.clientCertificate, "client certificate")
        tls.clientKey = try content(of: configured.clientKey, "client key")
        return tls
    }

    private func content(
        of pem: CurlTransport.PEM?,
        _ what: String
    ) throws(HTTPTransportError) -> CurlTransport.PEM? {
        guard case .file(let path) = pem else { return pem }
        guard let data = read(path), !data.isEmpty else {
            throw .invalidCredentials(reason: "the \(what) in \(path) cannot be read or is empty")
        }
        return .data(data)
    }
}
