// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Connectors
package import ForecastAPI
package import Forecasting

/// An error that knows what it means to whoever started the process.
package protocol ReportedError: Error {
    /// The reason that the result says, and the code that the process exits with.
    var ending: (reason: Reason, exitCode: WorkerExitCode) { get }
}

/// How a step or a server ended badly: what the result says and what the process exits with.
package struct StepEnding: Sendable, Equatable {
    /// What the result says.
    package var failure: StepFailure
    /// What the process exits with.
    package var exitCode: WorkerExitCode

    /// The ending by an error; one that does not know its own is a fault of this program.
    package init(_ error: any Error) {
        let error: any Error = error is CancellationError ? WorkerRuntimeError.stopped : error
        let (reason, exitCode) = (error as? any ReportedError)?.ending ?? (.workerFailed, .internalError)
        failure = StepFailure(reason: reason, message: String(describing: error))
        self.exitCode = exitCode
    }
}

extension ConnectorError: ReportedError {
    package var ending: (reason: Reason, exitCode: WorkerExitCode) {
        switch self {
        case .sourceUnreachable: (.sourceUnreachable, .unreachable)
        // The specification names something that is not there or not for us: another attempt would find the same.
        case .sourceNotFound: (.sourceUnreachable, .badSpecification)
        case .credentialsRejected: (.credentialsRejected, .badSpecification)
        case .badData: (.badData, .badData)
        case .noData: (.noData, .badData)
        case .sinkUnreachable: (.sinkUnreachable, .unreachable)
        case .writeRefused: (.writeRefused, .badSpecification)
        case .badSpecification: (.invalidSpec, .badSpecification)
        case .s3(let problem): problem.ending
        case .cancelled: (.workerFailed, .tryAgain)
        }
    }
}

extension S3Problem {
    fileprivate var ending: (reason: Reason, exitCode: WorkerExitCode) {
        switch kind {
        case .unreachable: (.sourceUnreachable, .unreachable)
        case .credentialsRejected, .accessDenied: (.credentialsRejected, .badSpecification)
        case .bucketNotFound, .notFound, .unsupported, .refused: (.sourceUnreachable, .badSpecification)
        }
    }
}

extension ForecastingError: ReportedError {
    package var ending: (reason: Reason, exitCode: WorkerExitCode) {
        switch self {
        case .invalidFrame, .columnNotFound, .timestampOutOfRange, .unsortedRows, .duplicateTimestamp, .offGrid, .gap,
            .tooManyRows, .missingValue, .leadingMissingValue, .notFinite, .columnWithoutValues, .notPositive,
            .tooFewRows, .unknownFuture,
            .tooFewWindows, .tooFewErrors, .fitFailed, .invalidHistory:
            (.badData, .badData)
        case .diverged: (.trainingDiverged, .badSpecification)
        case .incompatibleWeights, .invalidFrequency, .invalidSplit, .invalidShape, .invalidName, .invalidModelPath:
            (.invalidSpec, .badSpecification)
        case .artifactNotFound: (.artifactNotFound, .badSpecification)
        case .artifactDigestMismatch, .invalidSafetensors, .invalidManifest, .invalidModel:
            (.artifactDigestMismatch, .badSpecification)
        case .artifactExists, .digestUnavailable, .incomparable, .unusableSegment: (.workerFailed, .internalError)
        case .fileSystem, .storeUnreachable: (.storeUnreachable, .unreachable)
        // Not there, or not for us: another attempt would find the same.
        case .storeRefused: (.storeUnreachable, .badSpecification)
        case .storeCredentialsRejected: (.credentialsRejected, .badSpecification)
        case .inSeries(_, let error): error.ending
        }
    }
}
