// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPTransport
import KubeCore

extension KubeClient {
    /// The request on the wire.
    func httpRequest(_ request: KubeRequest, login: Credentials, isWatch: Bool = false) -> HTTPRequest {
        var headers = [
            HTTPHeader("Accept", request.accept ?? "application/json"), HTTPHeader("User-Agent", options.userAgent),
        ]
        if let contentType = request.contentType { headers.append(HTTPHeader("Content-Type", contentType)) }
        if let authorization = login.authorization { headers.append(HTTPHeader("Authorization", authorization)) }
        if let impersonation = configuration.impersonation { headers += impersonation.headers }
        if !configuration.compresses { headers.append(HTTPHeader("Accept-Encoding", "identity")) }
        return HTTPRequest(
            method: request.method.rawValue,
            url: configuration.server + request.target,
            headers: headers,
            body: request.body,
            timeout: options.timeout,
            idleTimeout: isWatch ? options.watchIdleTimeout : nil,
            identity: login.identity,
            mayRepeat: request.mayRepeat
        )
    }
}

extension KubeConfiguration.Impersonation {
    /// The header fields by which a server is asked to act as somebody.
    var headers: [HTTPHeader] {
        var headers = [HTTPHeader("Impersonate-User", user)]
        if let uid { headers.append(HTTPHeader("Impersonate-Uid", uid)) }
        headers += groups.map { HTTPHeader("Impersonate-Group", $0) }
        for (name, values) in extra.sorted(by: { $0.key < $1.key }) {
            headers += values.map { HTTPHeader("Impersonate-Extra-\(Self.escaped(name))", $0) }
        }
        return headers
    }

    /// A name as a part of a field's name: the server undoes percent-encoding there.
    private static func escaped(_ name: String) -> String {
        var escaped = ""
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return escaped
    }
}
