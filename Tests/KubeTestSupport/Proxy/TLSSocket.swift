// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CTestTLS
import Foundation

/// Certificates and keys for one side of TLS, from files as `TestCertificates` writes them.
///
/// `@unchecked Sendable`: OpenSSL's contexts are reference counted and locked; nothing changes one after `init`.
final class TLSContext: @unchecked Sendable {
    let context: OpaquePointer

    /// The server's side with `server.crt`, or the side of the administrator, who trusts `ca.crt` only.
    init(isServer: Bool, folder: String) throws {
        guard let context = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
            throw TestControlPlaneError.preparation("no TLS context")
        }
        self.context = context
        let name = folder + (isServer ? "/server" : "/admin")
        guard SSL_CTX_use_certificate_chain_file(context, name + ".crt") == 1,
            SSL_CTX_use_PrivateKey_file(context, name + ".key", SSL_FILETYPE_PEM) == 1,
            SSL_CTX_load_verify_locations(context, folder + "/ca.crt", nil) == 1
        else { throw TestControlPlaneError.preparation("TLS cannot use the files in \(folder)") }
        SSL_CTX_set_verify(context, isServer ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nil)
    }

    deinit { SSL_CTX_free(context) }
}

/// A connection with TLS and blocking calls: for one thread, but for `TCP.sever` of its descriptor.
final class TLSSocket {
    let descriptor: Int32
    private let connection: OpaquePointer

    /// Shakes hands; nil where that fails. The caller closes the descriptor.
    init?(_ descriptor: Int32, _ context: TLSContext, isServer: Bool) {
        guard let connection = SSL_new(context.context) else { return nil }
        SSL_set_fd(connection, descriptor)
        guard (isServer ? SSL_accept(connection) : SSL_connect(connection)) == 1 else {
            SSL_free(connection)
            return nil
        }
        self.descriptor = descriptor
        self.connection = connection
    }

    deinit { SSL_free(connection) }

    /// Whether bytes wait inside TLS, which `poll` cannot see.
    var hasPending: Bool { SSL_pending(connection) > 0 }

    /// Waits for some bytes; nil at the end or after a failure.
    func read() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = SSL_read(connection, &buffer, Int32(buffer.count))
        return count > 0 ? Array(buffer[..<Int(count)]) : nil
    }

    /// Writes all bytes; false after a failure.
    func write(_ bytes: some Collection<UInt8>) -> Bool {
        let bytes = Array(bytes)
        guard !bytes.isEmpty else { return true }
        return SSL_write(connection, bytes, Int32(bytes.count)) == Int32(bytes.count)
    }
}

/// Sockets on loopback.
enum TCP {
    /// A socket that listens on a free port.
    static func listen() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard isBound, Glibc.listen(descriptor, 128) == 0 else {
            throw TestControlPlaneError.preparation("no free port")
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// Connects; nil where nobody listens.
    static func connect(port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port)
        let isConnected = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                Glibc.connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            close(descriptor)
            return nil
        }
        noDelay(descriptor)
        return descriptor
    }

    /// Without it each small event of a watch could wait for an acknowledgement.
    static func noDelay(_ descriptor: Int32) {
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Ends both directions, whatever thread waits there.
    static func sever(_ descriptor: Int32) { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Closes with RST instead of FIN: what is on its way is lost.
    static func reset(_ descriptor: Int32) {
        var none = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &none, socklen_t(MemoryLayout<linger>.size))
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }
}
