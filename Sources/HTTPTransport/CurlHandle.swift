// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CCurl
import FoundationEssentials

/// A curl easy handle that is set up for one transfer.
///
/// The loop's thread only.
final class CurlHandle {
    let easy: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var connectTo: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>

    /// Sets a handle up, with certificates and keys as data.
    ///
    /// The transfer has to outlive it.
    init(_ transfer: CurlTransfer, tls: CurlTransport.TLS) throws {
        guard let easy = curl_easy_init() else { throw Self.failure(transfer, "curl cannot start") }
        self.easy = easy
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        almanac_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        // From here on deinit runs if something throws.
        setCallbacks(transfer)
        try setConnection(transfer)
        try setTLS(tls, identity: transfer.request.identity)
        try setRequest(transfer)
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(headers)
        curl_slist_free_all(connectTo)
        errorText.deallocate()
    }

    /// What curl says about the last failure.
    func reason(_ code: CURLcode) -> String {
        let detail = String(cString: errorText)
        return detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
    }

    /// Keeps the connection from being used again, because it may be dead.
    func distrustConnection() {
        almanac_curl_set_long(easy, CURLOPT_FORBID_REUSE, 1)
    }

    private func setCallbacks(_ transfer: CurlTransfer) {
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        almanac_curl_set_pointer(easy, CURLOPT_HEADERDATA, context)
        almanac_curl_set_pointer(easy, CURLOPT_WRITEDATA, context)
        almanac_curl_set_pointer(easy, CURLOPT_READDATA, context)
        almanac_curl_set_pointer(easy, CURLOPT_SEEKDATA, context)
        almanac_curl_set_data_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let length = size * count
            CurlHandle.transfer(context).header(UnsafeRawBufferPointer(start: bytes, count: length))
            return length
        }
        almanac_curl_set_data_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let length = size * count
            switch CurlHandle.transfer(context).body(UnsafeRawBufferPointer(start: bytes, count: length)) {
            case .taken: return length
            case .pause: return Int(CURL_WRITEFUNC_PAUSE)
            // Any number but the length ends the transfer.
            case .abort: return length == 0 ? 1 : 0
            }
        }
        almanac_curl_set_data_callback(easy, CURLOPT_READFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
            return CurlHandle.transfer(context).upload(into: buffer)
        }
        almanac_curl_set_seek_callback(easy) { context, offset, origin in
            guard let context, origin == SEEK_SET, CurlHandle.transfer(context).rewind(to: Int(offset)) else {
                return Int32(CURL_SEEKFUNC_FAIL)
            }
            return Int32(CURL_SEEKFUNC_OK)
        }
    }

    private func setConnection(_ transfer: CurlTransfer) throws {
        let configuration = transfer.configuration
        let connectTimeout = configuration.connectTimeout.wholeMilliseconds
        almanac_curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        // A name lookup that hangs must not hold the loop when its transfer is cancelled.
        almanac_curl_set_long(easy, CURLOPT_QUICK_EXIT, 1)
        almanac_curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, connectTimeout)
        // Servers and balancers close what was idle for 60 to 90 s; a write must not meet that moment.
        almanac_curl_set_long(easy, CURLOPT_MAXAGE_CONN, 45)
        almanac_curl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
        almanac_curl_set_long(easy, CURLOPT_TCP_KEEPIDLE, 30)
        almanac_curl_set_long(easy, CURLOPT_TCP_KEEPINTVL, 15)
        almanac_curl_set_user_timeout(easy, 30_000)
        almanac_curl_set_close_on_exec(easy)
        almanac_curl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        almanac_curl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        let version = configuration.allowsHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1
        almanac_curl_set_long(easy, CURLOPT_HTTP_VERSION, Int(version))
        // A burst of requests shares one HTTP/2 connection instead of opening one each.
        almanac_curl_set_long(easy, CURLOPT_PIPEWAIT, configuration.allowsHTTP2 ? 1 : 0)
        if let proxy = configuration.proxy { almanac_curl_set_string(easy, CURLOPT_PROXY, proxy) }
    }

    private func setTLS(_ tls: CurlTransport.TLS, identity: HTTPClientIdentity?) throws {
        let (peer, host) = tls.verify ? (1, 2) : (0, 0)
        almanac_curl_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        almanac_curl_set_long(easy, CURLOPT_SSL_VERIFYPEER, peer)
        almanac_curl_set_long(easy, CURLOPT_SSL_VERIFYHOST, host)
        // A proxy that is itself reached by TLS is checked as the server is.
        almanac_curl_set_long(easy, CURLOPT_PROXY_SSL_VERIFYPEER, peer)
        almanac_curl_set_long(easy, CURLOPT_PROXY_SSL_VERIFYHOST, host)
        if tls.ca != nil {
            // Otherwise the system's authorities, which curl looks up in a folder, stay trusted beside the given ones.
            almanac_curl_set_string(easy, CURLOPT_CAPATH, nil)
            almanac_curl_set_string(easy, CURLOPT_PROXY_CAPATH, nil)
        }
        try set(tls.ca, "certificate authority", CURLOPT_CAINFO_BLOB)
        try set(tls.ca, "certificate authority", CURLOPT_PROXY_CAINFO_BLOB)
        try set(
            identity.map { .data($0.certificate) } ?? tls.clientCertificate,
            "client certificate",
            CURLOPT_SSLCERT_BLOB
        )
        try set(identity.map { .data($0.key) } ?? tls.clientKey, "client key", CURLOPT_SSLKEY_BLOB)
    }

    /// Always as data: curl then tells connections with different certificates apart, which it cannot by a file's path.
    private func set(_ pem: CurlTransport.PEM?, _ what: String, _ option: CURLoption) throws {
        guard case .data(let data) = pem else { return }
        let code = data.withUnsafeBytes { almanac_curl_set_blob(easy, option, $0.baseAddress, $0.count) }
        guard code == CURLE_OK else {
            throw HTTPTransportError.invalidCredentials(reason: "the \(what) cannot be used: \(reason(code))")
        }
    }

    private func setRequest(_ transfer: CurlTransfer) throws {
        let request = transfer.request
        var fields = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        var url = request.url
        if let name = transfer.configuration.tls.serverName, transfer.target.scheme == "https" {
            // Curl checks the certificate against the URL's host, so the URL gets the name, and the connection goes
            // to the host that was meant.
            url = transfer.target.url(host: name)
            let port = transfer.target.effectivePort
            connectTo = curl_slist_append(nil, "\(name):\(port):\(transfer.target.host):\(port)")
            almanac_curl_set_list(easy, CURLOPT_CONNECT_TO, connectTo)
            if request.headers.first(named: "Host") == nil { fields.append("Host: \(transfer.target.authority)") }
        }
        guard almanac_curl_set_string(easy, CURLOPT_URL, url) == CURLE_OK else {
            throw HTTPTransportError.invalidURL(transfer.target.redacted)
        }
        setMethod(request)
        if transfer.decompresses { almanac_curl_set_string(easy, CURLOPT_ACCEPT_ENCODING, "gzip") }
        // Curl's own defaults, which a caller would not expect: a form's content type, and a wait before large bodies.
        if request.headers.first(named: "Content-Type") == nil { fields.append("Content-Type:") }
        if request.headers.first(named: "Expect") == nil { fields.append("Expect:") }
        for field in fields {
            guard let longer = curl_slist_append(headers, field) else {
                throw Self.failure(transfer, "no memory for header fields")
            }
            headers = longer
        }
        almanac_curl_set_list(easy, CURLOPT_HTTPHEADER, headers)
    }

    private func setMethod(_ request: HTTPRequest) {
        if request.body != nil || ["POST", "PUT", "PATCH"].contains(request.method) {
            almanac_curl_set_long(easy, CURLOPT_POST, 1)
            almanac_curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body?.count ?? 0))
        } else if request.method == "HEAD" {
            almanac_curl_set_long(easy, CURLOPT_NOBODY, 1)
        }
        almanac_curl_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method)
    }

    private static func transfer(_ context: UnsafeMutableRawPointer) -> CurlTransfer {
        Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    }

    private static func failure(_ transfer: CurlTransfer, _ reason: String) -> HTTPTransportError {
        .cannotConnect(url: transfer.target.redacted, reason: reason)
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, within what curl and poll take.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 1_000_000 else { return 1_000_000_000 }
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return Int(seconds) * 1_000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
