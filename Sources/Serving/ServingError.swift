// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore
import WebTokens
import WorkerRuntime

/// What can go wrong in a server beyond the faults of data, models and stores, which other modules name.
enum ServingError: Error, Sendable, Equatable, CustomStringConvertible {
    // The process
    /// What the flags say of who may ask is not as it must be.
    case invalidAccess(problem: String)
    /// The address cannot be listened on.
    case cannotListen(address: String, reason: String)
    /// The file of `--configuration` cannot be read or understood.
    case unusableConfiguration(path: String, reason: String)
    /// The folder of `--auth-keys` cannot be read.
    case unusableKeys(path: String, reason: String)
    /// The keys of `--auth-jwt-keys` cannot be had.
    case unusableTokenKeys(place: String, reason: String)
    /// The API server does not say whose a token is.
    case reviewUnavailable(reason: String)
    /// The API server does not let this pod ask whose a token is, or what they may do.
    case reviewRefused(plural: String, status: Int)
    /// The folder of `--tls` does not hold a certificate and its key.
    case unusableCertificate(path: String, reason: String)
    /// A connection came before there was a certificate for it.
    case noCertificate
    /// Whoever waited for it asks no more: the server stops, or a client went away.
    case stopped
    // Answers to clients
    /// A field of a request's body is not as it must be.
    case invalidBody(field: String, problem: String)
    /// There is no such model.
    case unknownModel(name: String)
    /// There is no such version of the model.
    case unknownVersion(name: String, version: String)
    /// Nothing is at that path.
    case unknownPath(String)
    /// The path is there, but not with that method.
    case wrongMethod(method: String, path: String, allowed: String)
    /// The body is longer than a request may be.
    case bodyTooLarge(limit: Int)
    /// The client went away, or stopped sending, before the body was there.
    case bodyBroken
    /// The body is not JSON.
    case unsupportedMediaType(String)
    /// The server is about to stop.
    case draining(name: String)
    /// Nothing is loaded yet.
    case notLoaded(name: String)
    /// As many requests wait as may.
    case queueFull(limit: Int)
    /// More requests come in a second than may; `seconds` is when the next one may.
    case tooManyRequests(limit: Double, seconds: Int)
    /// The answer was not there in time.
    case timedOut(seconds: Double)
    /// The request shows no key, or none that is known.
    case unauthorized
    /// The request shows a token that is not accepted.
    case tokenRefused(WebTokenError)
    /// Who asks is known, and may not.
    case notAllowed(name: String)
    /// Whether a token is good cannot be found out now.
    case accessUndecided
    /// The model gave something that is not a number.
    case forecastNotFinite

    var description: String {
        switch self {
        case .invalidAccess(let problem): problem
        case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
        case .unusableConfiguration(let path, let reason): "the configuration \(path) cannot be used: \(reason)"
        case .unusableKeys(let path, let reason): "the keys in \(path) cannot be used: \(reason)"
        case .unusableTokenKeys(let place, let reason): "the keys of tokens in \(place) cannot be used: \(reason)"
        case .reviewUnavailable(let reason): "the API server does not say whose tokens are: \(reason)"
        case .reviewRefused(let plural, 401):
            "the API server does not accept this pod's own token (401 for \(plural)); its ServiceAccount may be gone"
        case .reviewRefused(let plural, let status):
            "the API server does not let this pod create \(plural) (\(status)); an administrator must bind the ClusterRole "
                + "system:auth-delegator to the ServiceAccount of spec.worker.serviceAccountName"
        case .unusableCertificate(let path, let reason): "the certificate in \(path) cannot be used: \(reason)"
        case .stopped: "the worker was asked to stop before it was done; trying again may help"
        case .noCertificate: "there is no certificate yet to secure the connection with"
        case .invalidBody(let field, let problem): "\(field): \(problem)"
        case .unknownModel(let name): "Model with name \(name.prefix(253)) does not exist."
        case .unknownVersion(let name, let version):
            "Model with name \(name) and version \(version.prefix(253)) does not exist."
        case .unknownPath(let path): "there is nothing at \(path.prefix(200))"
        case .wrongMethod(let method, let path, let allowed):
            "\(method) is not possible at \(path.prefix(200)); use \(allowed)"
        case .bodyTooLarge(let limit): "the body is too large; at most \(limit) bytes are allowed"
        case .bodyBroken: "the body ended before its announced length"
        case .unsupportedMediaType(let type):
            "the content type '\(type.prefix(100))' is not supported; send application/json"
        case .draining(let name): "Model with name \(name) is not ready: the server is about to stop."
        case .notLoaded(let name): "Model with name \(name.prefix(253)) is not ready: it is being loaded."
        case .queueFull(let limit): "\(limit) requests wait already; try again"
        case .tooManyRequests(let limit, let seconds):
            "more than \(limit) requests a second; try again in \(seconds) s"
        case .timedOut(let seconds): "the answer was not there within \(seconds) s; ask for fewer histories at a time"
        case .unauthorized:
            "show a key or token of this service as 'Authorization: Bearer <it>', or a key as 'X-API-Key: <key>'"
        case .tokenRefused(let error): error.description
        case .notAllowed(let name):
            "'\(name.prefix(253))' may not ask this service: bind a Role to it that allows create of "
                + "\(ForecastService.resource.plural)/\(KubernetesReviews.subresource)"
        case .accessUndecided: "whether the token is good cannot be found out now; try again"
        case .forecastNotFinite:
            "the forecast is beyond the largest number; the history may be far from what the model was fitted on"
        }
    }
}

extension ServingError: ReportedError {
    var ending: (reason: Reason, exitCode: WorkerExitCode) {
        switch self {
        case .invalidAccess, .unusableConfiguration, .unusableKeys, .unusableCertificate, .unusableTokenKeys:
            (.invalidSpec, .badSpecification)
        case .cannotListen, .stopped: (.workerFailed, .tryAgain)
        case .invalidBody, .unknownModel, .unknownVersion, .unknownPath, .wrongMethod, .bodyTooLarge, .bodyBroken,
            .unsupportedMediaType, .draining, .notLoaded, .queueFull, .tooManyRequests, .timedOut, .unauthorized,
            .tokenRefused, .notAllowed, .accessUndecided, .reviewUnavailable, .reviewRefused, .noCertificate,
            .forecastNotFinite:
            (.workerFailed, .internalError)
        }
    }
}
