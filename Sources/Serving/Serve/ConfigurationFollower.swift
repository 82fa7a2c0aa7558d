// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import Logging
import ServiceLifecycle
import WorkerRuntime

/// Keeps a shelf at what a file says: reads it again and again, loads what is new, and tries again what can heal.
///
/// The file is read each half second and compared with what was read before. It is a few hundred bytes, and this sees every
/// way in which it can change: a kubelet swaps a link two folders above it, a person writes it in place.
struct ConfigurationFollower: Service {
    /// Fetches a version, verifies it, and lets it forecast.
    typealias Load = @Sendable (ServingConfiguration.Version, _ name: String) async throws -> ServedModel

    /// How long after a change, at most, it is seen.
    static let pace = Duration.milliseconds(500)

    /// The file.
    let path: String
    let shelf: ModelShelf
    let load: Load
    let logger: Logger
    var pace = Self.pace
    /// Called with each configuration when it begins to answer.
    var onServing: @Sendable (ServingConfiguration) -> Void = { _ in }

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            var reader = Reader(path: path)
            var revision: String?
            while true {
                look(&reader)
                try await loadWhatIsDue()
                if let serving = shelf.update({ $0.served?.configuration }), serving.revision != revision {
                    revision = serving.revision
                    onServing(serving)
                }
                try await Task.sleep(for: pace)
            }
        }
    }

    /// Reads the file if it is another one than before.
    private func look(_ reader: inout Reader) {
        guard let outcome = reader.next() else { return }
        switch outcome {
        case .success(let configuration): shelf.update { $0.propose(configuration) }
        case .failure(let error):
            logger.error("the configuration is not taken up", metadata: ["reason": "\(error)"])
            let failure = StepEnding(error).failure
            shelf.update { $0.refuse(failure) }
        }
    }

    private func loadWhatIsDue() async throws {
        while let version = shelf.update({ $0.due(at: .now) }) {
            do {
                let model = try await load(version, shelf.name)
                shelf.update { $0.put(model, as: version) }
            } catch let error as CancellationError {
                throw error
            } catch {
                let ending = StepEnding(error)
                logger.error(
                    "a version cannot be served",
                    metadata: ["version": "\(version.version)", "reason": "\(ending.failure.message)"]
                )
                let canHeal = ending.exitCode == .unreachable || ending.exitCode == .tryAgain
                shelf.update { $0.fail(version, ending.failure, canHeal: canHeal, at: .now) }
            }
        }
    }

    /// Reads a file and says when it has changed.
    private struct Reader {
        let path: String
        private var last: Result<Data, ServingError>?

        init(path: String) { self.path = path }

        /// What the file says now; nil where that is what it said before.
        mutating func next() -> Result<ServingConfiguration, ServingError>? {
            let found = read()
            guard found != last else { return nil }
            last = found
            return found.flatMap { data in
                Result { () throws(ServingError) in try ServingConfiguration(decoding: data, path: path) }
            }
        }

        private func read() -> Result<Data, ServingError> {
            do {
                return .success(try Data(contentsOf: URL(fileURLWithPath: path)))
            } catch {
                let reason = "it cannot be read (\((error as NSError).localizedDescription))"
                return .failure(.unusableConfiguration(path: path, reason: reason))
            }
        }
    }
}
