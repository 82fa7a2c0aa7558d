// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import HTTPTransport
import KubeCore

/// Gets reports from serving pods, straight from their addresses.
struct ReportClient: Sendable {
    /// How long a pod may take to answer.
    static let timeout = Duration.seconds(1)
    /// The most bytes of a report.
    static let largestReport = 1 << 20

    /// Sends the requests.
    let transport: any HTTPTransport

    /// A client with connections of its own, which go through no proxy.
    init() {
        transport = CurlTransport(
            CurlTransport.Configuration(
                proxy: "",
                allowsHTTP2: false,
                connectTimeout: Self.timeout,
                maximumConnectionsPerHost: 1,
                responseLimit: Self.largestReport
            )
        )
    }

    /// A client over that transport.
    init(transport: any HTTPTransport) {
        self.transport = transport
    }

    /// What the pod says of itself. Throws `ReportError` where it has no address or says nothing that is a report, and
    /// the transport's error where it does not answer.
    func ask(_ pod: Pod) async throws -> ServingReport {
        guard let address = pod.status?.podIP else { throw ReportError(reason: "it has no address") }
        let host = address.contains(":") ? "[\(address)]" : address
        let url = "http://\(host):\(ServingReport.port)\(ServingReport.path)"
        let answer = try await transport.send(HTTPRequest(url: url, timeout: Self.timeout))
        guard answer.status == 200 else { throw ReportError(reason: "\(url) answered with \(answer.status)") }
        do {
            return try KubeJSON.decoder().decode(ServingReport.self, from: answer.body)
        } catch {
            throw ReportError(reason: "\(url) answered with something that is no report")
        }
    }
}

extension ReportError: CustomStringConvertible {
    var description: String { reason }
}
