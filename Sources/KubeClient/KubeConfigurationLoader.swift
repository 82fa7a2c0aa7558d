// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPTransport

extension KubeConfiguration {
    /// Finds the configuration: an explicit kubeconfig, else `KUBECONFIG`, else the cluster this runs in, else
    /// `~/.kube/config`.
    ///
    /// Throws `KubeError.configuration`, which names the file or variable and the field. `context` chooses another
    /// context than the kubeconfig's current one.
    package static func load(
        kubeconfig: String? = nil,
        context: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> KubeConfiguration {
        try KubeConfigurationLoader(environment: environment).load(kubeconfig: kubeconfig, context: context)
    }

    /// The configuration for a pod: the cluster's address and the pod's service account.
    package static func inCluster(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> KubeConfiguration {
        try KubeConfigurationLoader(environment: environment).inCluster()
    }
}

/// Looks for the configuration in the places where Kubernetes programs look.
struct KubeConfigurationLoader {
    var environment: [String: String]
    var serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"
    /// Reads a file; nil where there is none, an error where it is there and cannot be read.
    var read: (String) throws -> Data? = { path in
        do {
            return try Data(contentsOf: URL(filePath: path))
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile || error.code == .fileNoSuchFile {
            return nil
        }
    }

    func load(kubeconfig: String?, context: String?) throws -> KubeConfiguration {
        if let kubeconfig { return try fromFiles([kubeconfig], context: context, source: kubeconfig) }
        if let list = environment["KUBECONFIG"], !list.isEmpty {
            let files = list.split(separator: ":").map(String.init)
            return try fromFiles(files, context: context, source: "KUBECONFIG=\(list)")
        }
        if environment["KUBERNETES_SERVICE_HOST"] != nil, (try? read(tokenFile)) != nil { return try inCluster() }
        guard let home = environment["HOME"], !home.isEmpty else {
            throw KubeError.configuration(
                source: "the environment",
                field: "KUBECONFIG",
                reason: "neither a kubeconfig nor a service account was found, and HOME is not set"
            )
        }
        let file = home + "/.kube/config"
        return try fromFiles([file], context: context, source: file)
    }

    func inCluster() throws -> KubeConfiguration {
        let host = try variable("KUBERNETES_SERVICE_HOST")
        let port = try variable("KUBERNETES_SERVICE_PORT")
        guard UInt16(port) != nil else {
            throw KubeError.configuration(
                source: "the environment",
                field: "KUBERNETES_SERVICE_PORT",
                reason: "'\(port)' is not a port"
            )
        }
        let ca = serviceAccountFolder + "/ca.crt"
        for file in [ca, tokenFile] where (try? read(file)) == nil {
            throw KubeError.configuration(source: file, field: "service account", reason: "the file cannot be read")
        }
        let namespace = (try? read(serviceAccountFolder + "/namespace")).map { String(decoding: $0, as: UTF8.self) }
        let trimmed = namespace?.trimmed ?? ""
        return KubeConfiguration(
            server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
            tls: CurlTransport.TLS(ca: .file(ca)),
            token: .file(tokenFile),
            namespace: trimmed.isEmpty ? "default" : trimmed
        )
    }

    private var tokenFile: String { serviceAccountFolder + "/token" }

    private func variable(_ name: String) throws -> String {
        guard let value = environment[name], !value.isEmpty else {
            throw KubeError.configuration(
                source: "the environment",
                field: name,
                reason: "it is not set; is this a pod?"
            )
        }
        return value
    }

    /// Merges the files that are there.
    ///
    /// As kubectl does, some may be missing, but not all of them.
    private func fromFiles(_ files: [String], context: String?, source: String) throws -> KubeConfiguration {
        var merged = KubeConfigFile()
        var found = false
        for file in files {
            let data: Data?
            do {
                data = try read(file)
            } catch {
                throw KubeError.configuration(source: file, field: "kubeconfig", reason: "the file cannot be read")
            }
            guard let data else { continue }
            merged.merge(try KubeConfigFile.parse(String(decoding: data, as: UTF8.self), file: file))
            found = true
        }
        guard found else {
            throw KubeError.configuration(source: source, field: "kubeconfig", reason: "there is no such file")
        }
        return try KubeContextResolver(merged, context: context, source: source, read: read).configuration()
    }
}
