// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import KubeCore

/// A program that hands out credentials, as a kubeconfig names it under `exec`.
///
/// The protocol is `client.authentication.k8s.io`, versions v1 and v1beta1: the program learns about the cluster from
/// the variable `KUBERNETES_EXEC_INFO` and writes an `ExecCredential` to its standard output.
package struct CredentialPlugin: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The program: a name to be looked for on the path, or a path.
    package var command: String
    /// Its arguments.
    package var arguments: [String]
    /// Variables that it gets beside those of this process.
    package var environment: [(name: String, value: String)]
    /// The version of the protocol that it speaks.
    package var version: Version
    /// Whether it may talk to a person.
    package var interactiveMode: InteractiveMode
    /// What a person should do to get the program; shown when it is missing or fails.
    package var installHint: String?
    /// What the program is told about the cluster; nil for nothing.
    package var cluster: Cluster?
    /// Where all this is written, for errors: a file and a field in it.
    package var origin: (file: String, field: String)

    /// A version of the protocol.
    package enum Version: String, Sendable {
        /// The stable version.
        case v1 = "client.authentication.k8s.io/v1"
        /// The version before it, which many programs still speak.
        case v1beta1 = "client.authentication.k8s.io/v1beta1"
    }

    /// Whether a program may read from the terminal.
    package enum InteractiveMode: String, Sendable {
        /// It never reads from it.
        case never = "Never"
        /// It gets the terminal where there is one.
        case ifAvailable = "IfAvailable"
        /// It cannot work without one.
        case always = "Always"
    }

    /// What a program is told about the cluster.
    package struct Cluster: Sendable, Equatable {
        /// The server's URL, as written.
        package var server: String
        /// The name that the server's certificate must have.
        package var serverName: String?
        /// Whether the server's certificate is not checked.
        package var skipsVerification: Bool
        /// The authorities to trust, in PEM.
        package var ca: Data?
        /// The proxy's URL.
        package var proxy: String?
        /// Whether answers are not to be compressed.
        package var disablesCompression: Bool
        /// What the kubeconfig's extension `client.authentication.k8s.io/exec` holds.
        package var config: JSONValue?
    }

    /// How long a program may take that nobody talks to, and one that a person talks to.
    static let timeLimits = (alone: Duration.seconds(60), interactive: Duration.seconds(600))
    /// The most that a program may write.
    static let outputLimit = 4 << 20

    package var description: String { "the credential plugin \(command)" }
    package var debugDescription: String { description }

    /// The error for something that went wrong with this program.
    func failure(_ reason: String, hint: Bool = false) -> KubeError {
        let hint = hint ? installHint.map { "\n\n\($0)" } ?? "" : ""
        return .configuration(source: origin.file, field: origin.field, reason: reason + hint)
    }
}
