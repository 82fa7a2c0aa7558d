// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeCore

extension KubeConfigFile {
    /// How to reach a server.
    struct Cluster: Decodable, Sendable {
        var server: String?
        var ca: String?
        var caData: String?
        var serverName: String?
        var skipsVerification: YAMLFlag?
        var proxy: String?
        var disablesCompression: YAMLFlag?
        /// For credential plugins; read apart from the rest.
        var pluginConfig: JSONValue?

        enum CodingKeys: String, CodingKey {
            case server
            case ca = "certificate-authority"
            case caData = "certificate-authority-data"
            case serverName = "tls-server-name"
            case skipsVerification = "insecure-skip-tls-verify"
            case proxy = "proxy-url"
            case disablesCompression = "disable-compression"
        }
    }

    /// How to log in.
    struct User: Decodable, Sendable {
        var certificate: String?
        var certificateData: String?
        var key: String?
        var keyData: String?
        var token: String?
        var tokenFile: String?
        var username: String?
        var password: String?
        var impersonatedUser: String?
        var impersonatedUID: String?
        var impersonatedGroups: [String]?
        var impersonatedExtra: [String: [String]]?
        var exec: Exec?
        var authProvider: Present?

        enum CodingKeys: String, CodingKey {
            case certificate = "client-certificate"
            case certificateData = "client-certificate-data"
            case key = "client-key"
            case keyData = "client-key-data"
            case token
            case tokenFile
            case username
            case password
            case impersonatedUser = "act-as"
            case impersonatedUID = "act-as-uid"
            case impersonatedGroups = "act-as-groups"
            case impersonatedExtra = "act-as-user-extra"
            case exec
            case authProvider = "auth-provider"
        }
    }

    /// A program that hands out credentials.
    struct Exec: Decodable, Sendable {
        var apiVersion: String?
        var command: String?
        var args: [String]?
        var env: [Variable]?
        var installHint: String?
        var provideClusterInfo: YAMLFlag?
        var interactiveMode: String?
    }

    /// A variable for a program.
    struct Variable: Decodable, Sendable {
        var name: String?
        var value: String?
    }

    /// Which cluster goes with which user.
    struct Context: Decodable, Sendable {
        var cluster: String?
        var user: String?
        var namespace: String?
    }

    /// A part that is there; what it holds is not read.
    struct Present: Decodable, Sendable {
        init(from decoder: any Decoder) throws {}
    }
}
