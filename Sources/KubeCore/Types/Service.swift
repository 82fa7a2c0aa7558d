// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// One address for many pods.
package struct Service: KubeObject {
    /// Where these objects live.
    package static let resource = ResourceType(
        group: "",
        version: "v1",
        kind: "Service",
        plural: "services"
    )
    /// The group and version.
    package var apiVersion: String?
    /// The kind.
    package var kind: String?
    /// Name, labels and owners.
    package var metadata: ObjectMeta
    /// Which pods and which ports.
    package var spec: ServiceSpec?

    /// Makes one from what is known of it.
    package init(metadata: ObjectMeta, spec: ServiceSpec? = nil) {
        apiVersion = Self.resource.apiVersion
        kind = Self.resource.kind
        self.metadata = metadata
        self.spec = spec
    }
}

/// Which pods a Service sends to, and on which ports.
package struct ServiceSpec: Codable, Sendable, Equatable {
    /// Labels of the pods.
    package var selector: [String: String]?
    /// The ports.
    package var ports: [ServicePort]?
    /// `ClusterIP` (the default), `NodePort` or `LoadBalancer`.
    package var type: String?
    /// The address; `None` for a headless Service.
    package var clusterIP: String?
    /// Whether pods that are not ready count.
    package var publishNotReadyAddresses: Bool?

    /// Makes one from what is known of it.
    package init(
        selector: [String: String]? = nil,
        ports: [ServicePort]? = nil,
        type: String? = nil,
        clusterIP: String? = nil,
        publishNotReadyAddresses: Bool? = nil
    ) {
        self.selector = selector
        self.ports = ports
        self.type = type
        self.clusterIP = clusterIP
        self.publishNotReadyAddresses = publishNotReadyAddresses
    }
}

/// A port of a Service.
package struct ServicePort: Codable, Sendable, Equatable {
    /// The port's name.
    package var name: String?
    /// The number that clients use.
    package var port: Int32
    /// The number or name at the pods.
    package var targetPort: IntOrString?
    /// `TCP` (the default), `UDP` or `SCTP`.
    package var `protocol`: String?
    /// The protocol above, for instance `http`.
    package var appProtocol: String?

    /// Makes one from what is known of it.
    package init(
        name: String? = nil,
        port: Int32,
        targetPort: IntOrString? = nil,
        `protocol`: String? = nil,
        appProtocol: String? = nil
    ) {
        self.name = name
        self.port = port
        self.targetPort = targetPort
        self.protocol = `protocol`
        self.appProtocol = appProtocol
    }
}
