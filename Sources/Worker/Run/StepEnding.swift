// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import ForecastAPI
import Forecasting

/// How a step ended badly: what the result says and what the process exits with.
struct StepEnding: Sendable, Equatable {
    var failure: StepFailure
    var exitCode: WorkerExitCode

    /// The one place where the errors of all modules become a reason and an exit code.
    init(_ error: any Error) {
        let (reason, exitCode) =
            switch error {
            case let error as ConnectorError: Self.classify(error)
            case let error as ForecastingError: Self.classify(error)
            case let error as WorkerError: Self.classify(error)
            case is CancellationError: Self.classify(WorkerError.stopped)
            default: (Reason.workerFailed, WorkerExitCode.internalError)
            }
        let message = error is CancellationError ? WorkerError.stopped.description : String(describing: error)
        failure = StepFailure(reason: reason, message: message)
        self.exitCode = exitCode
    }

    private static func classify(_ error: ConnectorError) -> (Reason, WorkerExitCode) {
        switch error {
        case .sourceUnreachable: (.sourceUnreachable, .unreachable)
        // The specification names something that is not there or not for us: another attempt would find the same.
        case .sourceNotFound: (.sourceUnreachable, .badSpecification)
        case .credentialsRejected: (.credentialsRejected, .badSpecification)
        case .badData: (.badData, .badData)
        case .noData: (.noData, .badData)
        case .sinkUnreachable: (.sinkUnreachable, .unreachable)
        case .writeRefused: (.writeRefused, .badSpecification)
        case .badSpecification: (.invalidSpec, .badSpecification)
        case .s3(let problem): classify(problem)
        case .cancelled: (.workerFailed, .tryAgain)
        }
    }

    private static func classify(_ problem: S3Problem) -> (Reason, WorkerExitCode) {
        switch problem.kind {
        case .unreachable: (.sourceUnreachable, .unreachable)
        case .credentialsRejected, .accessDenied: (.credentialsRejected, .badSpecification)
        case .bucketNotFound, .notFound, .unsupported, .refused: (.sourceUnreachable, .badSpecification)
        }
    }

    private static func classify(_ error: ForecastingError) -> (Reason, WorkerExitCode) {
        switch error {
        case .invalidFrame, .columnNotFound, .timestampOutOfRange, .unsortedRows, .duplicateTimestamp, .offGrid, .gap,
            .tooManyRows, .missingValue, .leadingMissingValue, .notFinite, .columnWithoutValues, .notPositive,
            .tooFewRows, .unknownFuture,
            .tooFewWindows, .tooFewErrors, .fitFailed, .invalidHistory:
            (.badData, .badData)
        case .diverged: (.trainingDiverged, .badSpecification)
        case .incompatibleWeights, .invalidFrequency, .invalidSplit, .invalidShape, .invalidName:
            (.invalidSpec, .badSpecification)
        case .artifactNotFound: (.artifactNotFound, .badSpecification)
        case .artifactDigestMismatch, .invalidSafetensors, .invalidManifest, .invalidModel:
            (.artifactDigestMismatch, .badSpecification)
        case .artifactExists, .digestUnavailable, .incomparable: (.workerFailed, .internalError)
        case .fileSystem, .storeUnreachable: (.storeUnreachable, .unreachable)
        // Not there, or not for us: another attempt would find the same.
        case .storeRefused: (.storeUnreachable, .badSpecification)
        case .storeCredentialsRejected: (.credentialsRejected, .badSpecification)
        case .inSeries(_, let error): classify(error)
        }
    }

    private static func classify(_ error: WorkerError) -> (Reason, WorkerExitCode) {
        switch error {
        case .unusableRequest, .unknownSchema, .invalidSpec, .invalidModelPath, .unreadableWeights,
            .unusableConfiguration, .unusableKeys, .unusableCertificate, .unusableTokenKeys:
            (.invalidSpec, .badSpecification)
        // People apply a pipeline and its Secret at once; a later attempt's pod gets what is there by then.
        case .secretNotFound: (.secretNotFound, .tryAgain)
        case .dataRefused(let objection): (objection.reason, .badData)
        case .shortSeries: (.badData, .badData)
        case .stopped, .cannotListen: (.workerFailed, .tryAgain)
        case .invalidBody, .unknownModel, .unknownVersion, .unknownPath, .wrongMethod, .bodyTooLarge, .bodyBroken,
            .unsupportedMediaType, .draining, .notLoaded, .queueFull, .tooManyRequests, .timedOut, .unauthorized,
            .tokenRefused, .notAllowed, .accessUndecided, .reviewUnavailable, .reviewRefused, .noCertificate,
            .forecastNotFinite, .unusableSegment:
            (.workerFailed, .internalError)
        }
    }
}
