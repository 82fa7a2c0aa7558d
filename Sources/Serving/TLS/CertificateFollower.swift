// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import Logging
import ServiceLifecycle

/// Keeps the certificate at what its folder says. A renewal closes no connection.
struct CertificateFollower: Service {
    let folder: CertificateFolder
    let certificate: ServingCertificate
    let logger: Logger
    var pace = Duration.seconds(1)

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            var told: ServingReport.AccessProblem?
            while true {
                try await Task.sleep(for: pace)
                told = look(told)
            }
        }
    }

    /// Looks at the folder once, and logs what is new; gives back what is wrong now.
    @discardableResult
    func look(_ told: ServingReport.AccessProblem? = nil) -> ServingReport.AccessProblem? {
        let isNew = certificate.look(Result { () throws(ServingError) in try folder.read() })
        if isNew, let end = certificate.notAfter {
            logger.notice("a certificate is taken up", metadata: ["notAfter": "\(end.formatted(.iso8601))"])
        }
        let problem = certificate.problem(now: .now)
        if let problem, problem != told {
            logger.error("the certificate is not as it should be", metadata: ["reason": "\(problem.message)"])
        }
        return problem
    }
}
