// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import WorkerRuntime

/// The promoted version that a candidate is compared with, where that can be done fairly.
struct IncumbentModel: Sendable {
    /// What is known of the promoted version.
    struct Found: Sendable {
        /// The model; nil where there is none, or where it cannot be compared.
        var forecaster: PanelForecaster?
        /// The baseline without its errors; nil where no version has been promoted.
        var status: BaselineStatus?
    }

    private let reference: IncumbentReference?
    private let store: ArtifactStore

    /// The promoted version that a request names; a version is not compared with itself.
    init(_ request: StepRequest, store: ArtifactStore) {
        reference = request.incumbent.flatMap { $0.version == request.version ? nil : $0 }
        self.store = store
    }

    /// Loads the model, and says why where it cannot be compared with the candidate.
    ///
    /// Such a fault is no fault of the run: the gate decides what it means.
    /// - Throws: Just what another attempt may heal.
    func comparable(
        with candidate: PanelForecaster,
        _ panel: Panel,
        _ windows: [RollingOrigin]
    ) async throws -> Found {
        guard let reference else { return Found() }
        var found = Found(status: BaselineStatus(kind: .incumbent, version: reference.version))
        do {
            let artifact = try await LongWork.finish { try load(reference) }
            let forecaster = try artifact.panelForecaster()
            let missing = try Backtest.requireSameForecast(forecaster, as: candidate, windows)
            try requireUnseen(artifact.manifest, forecaster, panel, windows)
            found.forecaster = forecaster
            if !missing.isEmpty {
                found.status?.missingSeries = SeriesListStatus(missing.map { $0.label(panel.groupBy) })
            }
        } catch let error as ForecastingError {
            switch error {
            case .fileSystem, .storeUnreachable, .storeRefused, .storeCredentialsRejected: throw error
            default: break
            }
            found.status = BaselineStatus(kind: .incumbent, version: reference.version, problem: error.description)
        }
        return found
    }

    private func load(_ reference: IncumbentReference) throws -> Artifact {
        let address = try store.address(ofURI: reference.uri)
        let digest = try store.digest(of: address)
        guard digest == reference.digest else {
            throw ForecastingError.artifactDigestMismatch(
                file: "\(address)/\(ArtifactManifest.fileName)",
                expected: reference.digest,
                actual: digest
            )
        }
        return try store.load(address)
    }

    /// A model that was fitted on the rows that it is to forecast would seem better than it is.
    ///
    /// Of several series each is held against its own rows, for they need not begin or end together.
    private func requireUnseen(
        _ manifest: ArtifactManifest,
        _ incumbent: PanelForecaster,
        _ panel: Panel,
        _ windows: [RollingOrigin]
    ) throws {
        _ = try panel.naming(with: windows) { series, windows in
            guard let place = incumbent.place(of: series.key) else { return }
            let first = UTCTime(seconds: series.frame.timestamps[windows.first]).description
            let ends = manifest.origin.trainedToBySeries ?? []
            let own = ends.indices.contains(place) ? UTCTime(seconds: ends[place]).description : nil
            // RFC 3339 in UTC sorts as text.
            guard let trainedTo = own ?? manifest.origin.trainedTo, trainedTo >= first else { return }
            throw ForecastingError.incomparable(
                reason: "it was fitted on rows up to \(trainedTo), and the windows begin at \(first)"
            )
        }
    }
}
