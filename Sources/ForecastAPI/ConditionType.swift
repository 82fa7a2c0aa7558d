// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The types of conditions that Almanac sets.
package enum ConditionType {
    /// The summary of a pipeline or a service.
    package static let ready = "Ready"
    /// The operator is at work on the latest generation.
    package static let reconciling = "Reconciling"
    /// Nothing more will happen until somebody acts.
    package static let stalled = "Stalled"
    /// The outcome of a run.
    package static let succeeded = "Succeeded"
    /// The last row of the data is recent enough.
    package static let dataFresh = "DataFresh"
    /// Gaps, duplicates, flat lines and values of the data are within their limits.
    package static let dataValid = "DataValid"
    /// At least one pod of a service answers.
    package static let available = "Available"
    /// The wanted version is loaded in the ready pods.
    package static let modelLoaded = "ModelLoaded"
    /// The served version's forecasts keep to the limits of `spec.monitoring`.
    package static let forecastAccurate = "ForecastAccurate"
    /// The source's rows are like those that the served version was trained on.
    package static let inputsStable = "InputsStable"
}

/// Why a condition is as it is; the message says the rest.
package enum Reason: String, Codable, Sendable, CaseIterable {
    /// A run goes on.
    case running = "Running"
    /// A run has not been taken up yet.
    case pending = "Pending"
    /// A run ended with a model.
    case completed = "Completed"
    /// `spec.suspend` holds back new runs.
    case suspended = "Suspended"
    /// The latest model passed its gate.
    case gatePassed = "GatePassed"
    /// The latest model did not pass its gate.
    case gateFailed = "GateFailed"
    /// A baseline of the gate could not be scored.
    case gateInconclusive = "GateInconclusive"
    /// The gate's metric is not defined on the data.
    case gateError = "GateError"
    /// The latest model did not pass its gate, whose mode is DryRun, and was promoted.
    case gateDryRun = "GateDryRun"
    /// The latest model waits for `spec.promote` to name it.
    case awaitingPromotion = "AwaitingPromotion"
    /// `spec.promote` holds a version other than the latest.
    case versionHeld = "VersionHeld"
    /// `spec.promote` names a version that is not known.
    case versionNotFound = "VersionNotFound"
    /// The specification contradicts itself.
    case invalidSpec = "InvalidSpec"
    /// The data cannot be used; the message names the line or column.
    case badData = "BadData"
    /// The loss of a training was not finite any more; the message names the epoch and the learning rate.
    case trainingDiverged = "TrainingDiverged"
    /// The last row of the data is older than it may be.
    case dataStale = "DataStale"
    /// The data has more gaps, flat lines or values out of range than it may have, or duplicates.
    case dataInvalid = "DataInvalid"
    /// No model was trained, because of the data.
    case skipped = "Skipped"
    /// The source did not answer.
    case sourceUnreachable = "SourceUnreachable"
    /// The source answered, and has no row for the question.
    case noData = "NoData"
    /// A place of `spec.publish.forecasts` did not answer.
    case sinkUnreachable = "SinkUnreachable"
    /// A place of `spec.publish.forecasts` did not take the forecast.
    case writeRefused = "WriteRefused"
    /// A source, a sink or the store answered that it wants other credentials.
    case credentialsRejected = "CredentialsRejected"
    /// A Secret that the specification names is not there, or lacks a key.
    case secretNotFound = "SecretNotFound"
    /// The store cannot be read or written.
    case storeUnreachable = "StoreUnreachable"
    /// A pod used more memory than its limit.
    case oomKilled = "OOMKilled"
    /// No node can take a pod.
    case unschedulable = "Unschedulable"
    /// A pod's image cannot be pulled.
    case imagePullFailed = "ImagePullFailed"
    /// A pod cannot be started as configured.
    case containerConfigError = "ContainerConfigError"
    /// A pod was evicted, or its node was lost.
    case evicted = "Evicted"
    /// A step took longer than it may.
    case deadlineExceeded = "DeadlineExceeded"
    /// A worker ended in a way that it should not.
    case workerFailed = "WorkerFailed"
    /// A newer specification took this run's place.
    case superseded = "Superseded"
    /// The run of a later instant took this run's place.
    case replaced = "Replaced"
    /// Somebody ended the run.
    case cancelled = "Cancelled"
    /// The run that a clone comes from is not there, or is another pipeline's.
    case runNotFound = "RunNotFound"
    /// The model's artifact is not in the store.
    case artifactNotFound = "ArtifactNotFound"
    /// The artifact is not what was written.
    case artifactDigestMismatch = "ArtifactDigestMismatch"
    /// An object of that name belongs to somebody else.
    case nameConflict = "NameConflict"
    /// The pipeline that a service names is not there.
    case pipelineNotFound = "PipelineNotFound"
    /// The pipeline has not promoted a model yet.
    case noModel = "NoModel"
    /// Pods are being replaced.
    case rollingOut = "RollingOut"
    /// All pods answer with the wanted version.
    case serving = "Serving"
    /// A pod stops again and again.
    case crashLoop = "CrashLoop"
    /// A new version is on trial with a share of the requests.
    case canaryProgressing = "CanaryProgressing"
    /// The version that is wanted failed its trial; the one before it answers.
    case canaryRolledBack = "CanaryRolledBack"
    /// A person ended the trial of the version that is wanted; the one before it answers.
    case canaryAborted = "CanaryAborted"
    /// A pod does not say what it serves.
    case podNotReporting = "PodNotReporting"
    /// A service's certificate and key cannot be used, or are not valid yet.
    case certificateInvalid = "CertificateInvalid"
    /// A service's certificate has expired.
    case certificateExpired = "CertificateExpired"
    /// The keys that verify clients' tokens cannot be had.
    case tokenKeysUnavailable = "TokenKeysUnavailable"
    /// The API server does not say whose clients' tokens are.
    case tokenReviewUnavailable = "TokenReviewUnavailable"
    /// The API server does not let a service's pods ask whose a token is.
    case tokenReviewRefused = "TokenReviewRefused"
    /// `replicas` is 0.
    case scaledToZero = "ScaledToZero"
    /// No forecasts of the served version have been compared yet.
    case notMonitored = "NotMonitored"
    /// The forecasts keep to their limits.
    case accurate = "Accurate"
    /// The forecasts exceed a limit; the message has the numbers.
    case accuracyLost = "AccuracyLost"
    /// Too few forecast values have come true to tell.
    case tooFewValues = "TooFewValues"
    /// `spec.monitoring` has no limit, or none that is defined on the data.
    case noLimit = "NoLimit"
    /// A column has moved further from the training rows than it may.
    case inputsDrifted = "InputsDrifted"
    /// The columns are like the training rows.
    case stable = "Stable"
    /// The comparison failed; the message has the worker's reason.
    case monitoringFailed = "MonitoringFailed"
    /// A pod cannot write down what it forecasts; the message has the pod and its reason.
    case forecastsNotRemembered = "ForecastsNotRemembered"
}
