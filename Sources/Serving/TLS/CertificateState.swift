// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation

/// Which certificate new connections get, as it follows from what a folder says at each look.
///
/// What cannot be used changes nothing but the problem. Two files are not read in one moment, so that a pair which does not
/// fit counts only when a second look finds it as it was.
struct CertificateState: Sendable {
    /// What new connections get; nil before the first pair that can be used.
    private(set) var pair: CertificatePair?
    private var served: CertificateFolder.Files?
    private var refused: (files: CertificateFolder.Files, error: ServingError)?
    private var refusal: ServingError?

    /// Takes in what a look has found. True where another pair is served from now on.
    mutating func look(_ found: Result<CertificateFolder.Files, ServingError>) -> Bool {
        switch found {
        case .failure(let error):
            refusal = error
            return false
        case .success(let files) where files == served:
            (refused, refusal) = (nil, nil)
            return false
        case .success(let files) where files == refused?.files:
            refusal = refused?.error
            return false
        case .success(let files):
            do throws(ServingError) {
                pair = try CertificatePair(files)
                (served, refused, refusal) = (files, nil, nil)
                return true
            } catch {
                refused = (files, error)
                return false
            }
        }
    }

    /// What is wrong at that time; nil for nothing.
    func problem(now: Date) -> ServingReport.AccessProblem? {
        let isUsable = pair.map { $0.notBefore <= now && now <= $0.notAfter } ?? false
        if let refusal {
            let rest = isUsable ? "; the one before it is served until \(pair?.notAfter.formatted(.iso8601) ?? "")" : ""
            return .init(.certificateInvalid, refusal.description + rest, keepsClientsOut: !isUsable)
        }
        guard let pair, !isUsable else { return nil }
        let (start, end) = (pair.notBefore.formatted(.iso8601), pair.notAfter.formatted(.iso8601))
        let advice = "renew the Secret of spec.tls; it is taken up without a restart"
        if now > pair.notAfter {
            return .init(.certificateExpired, "the certificate expired at \(end): \(advice)", keepsClientsOut: true)
        }
        return .init(
            .certificateInvalid,
            "the certificate is not valid before \(start): \(advice)",
            keepsClientsOut: true
        )
    }
}
