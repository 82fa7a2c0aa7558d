// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import WebTokens

/// Where the keys of an issuer come from.
enum TokenKeySource: Sendable {
    /// Each file of a folder is a key set, as a Secret or a ConfigMap is mounted.
    case folder(String)
    /// An address of the issuer.
    case url(String, any HTTPTransport)

    /// How long fetching may take.
    private static let timeout = Duration.seconds(10)

    /// A folder, or an address where the text begins as one.
    ///
    /// - Throws: `ServingError.invalidAccess` for an address without TLS: whoever could change what it answers could let
    ///   anybody in.
    init(_ text: String, transport: @autoclosure () -> any HTTPTransport) throws(ServingError) {
        guard text.contains("://") else {
            self = .folder(text)
            return
        }
        // Without login and query, so that messages may show it.
        guard text.hasPrefix("https://"), !text.contains(where: { "@?# ".contains($0) }) else {
            throw .invalidAccess(
                problem: "--auth-jwt-keys must be a folder or an https address without login and query"
            )
        }
        self = .url(text, transport())
    }

    /// How long after an attempt the next one is due.
    func pause(afterSuccess isGood: Bool) -> Duration {
        switch self {
        case .folder: .seconds(1)
        case .url: isGood ? .seconds(600) : .seconds(10)
        }
    }

    /// How long after an attempt a token with an unknown key may cause the next one; nil for never.
    var pauseForUnknownKey: Duration? {
        switch self {
        case .folder: nil
        case .url: .seconds(30)
        }
    }

    /// The keys as they are there now.
    ///
    /// - Throws: `ServingError.unusableTokenKeys`.
    func read() async throws(ServingError) -> JSONWebKeySet {
        switch self {
        case .folder(let path): try read(folder: path)
        case .url(let url, let transport): try await fetch(url, transport)
        }
    }

    private func read(folder path: String) throws(ServingError) -> JSONWebKeySet {
        let folder = URL(fileURLWithPath: path)
        let files: [(name: String, data: Data)]
        do {
            // Names that begin with a dot are the kubelet's own.
            let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }
            files = try names.sorted().map { ($0, try Data(contentsOf: folder.appendingPathComponent($0))) }
        } catch {
            throw .unusableTokenKeys(place: path, reason: (error as NSError).localizedDescription)
        }
        guard !files.isEmpty else { throw .unusableTokenKeys(place: path, reason: "there is no file in it") }
        var sets: [JSONWebKeySet] = []
        for file in files {
            do throws(WebTokenError) {
                sets.append(try JSONWebKeySet(decoding: file.data))
            } catch {
                throw .unusableTokenKeys(place: "\(path)/\(file.name)", reason: error.description)
            }
        }
        return JSONWebKeySet(joining: sets)
    }

    private func fetch(_ url: String, _ transport: any HTTPTransport) async throws(ServingError) -> JSONWebKeySet {
        let answer: HTTPResponse
        do {
            answer = try await transport.send(HTTPRequest(url: url, timeout: Self.timeout))
        } catch {
            throw .unusableTokenKeys(place: url, reason: "\(error)")
        }
        guard answer.status == 200 else {
            throw .unusableTokenKeys(place: url, reason: "it answered with \(answer.status)")
        }
        do throws(WebTokenError) {
            return try JSONWebKeySet(decoding: answer.body)
        } catch {
            throw .unusableTokenKeys(place: url, reason: error.description)
        }
    }
}
