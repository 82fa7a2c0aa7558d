// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How pods are placed and sized: the few fields of a pod that are meant.
package struct WorkerSpec: Codable, Sendable, Equatable {
    /// Requests and limits, for instance `memory: 512Mi`.
    package var resources: ResourcesSpec?
    /// Labels that a node must have.
    package var nodeSelector: [String: String]?
    /// Taints of nodes that the pods bear.
    package var tolerations: [TolerationSpec]?
    /// The ServiceAccount whose identity the pods have, for a cloud's bucket; it has to be there. Its token for Kubernetes
    /// is not mounted. Without it, the namespace's `default`.
    package var serviceAccountName: String?

    /// Makes a worker specification.
    package init(
        resources: ResourcesSpec? = nil,
        nodeSelector: [String: String]? = nil,
        tolerations: [TolerationSpec]? = nil,
        serviceAccountName: String? = nil
    ) {
        self.resources = resources
        self.nodeSelector = nodeSelector
        self.tolerations = tolerations
        self.serviceAccountName = serviceAccountName
    }

    /// What the fields contradict.
    func check(_ check: inout SpecCheck, field: String) {
        guard let name = serviceAccountName, !SpecCheck.isSubdomain(name) else { return }
        check.add(
            "\(field).serviceAccountName",
            "'\(name)' must be the name of a ServiceAccount: lower-case letters, digits, '-' and '.'"
        )
    }
}

/// Requests and limits of a pod's one container, as Kubernetes quantities.
package struct ResourcesSpec: Codable, Sendable, Equatable {
    /// What the scheduler sets aside.
    package var requests: [String: Quantity]?
    /// What the pod may not exceed.
    package var limits: [String: Quantity]?

    /// Makes requests and limits.
    package init(requests: [String: Quantity]? = nil, limits: [String: Quantity]? = nil) {
        self.requests = requests
        self.limits = limits
    }
}

/// A Kubernetes quantity, kept as it was written: `2`, `500m`, `1Gi`.
package struct Quantity: Codable, Sendable, Equatable, ExpressibleByStringLiteral {
    /// The text of the quantity.
    package var text: String

    /// Makes a quantity from its text.
    package init(stringLiteral text: String) {
        self.text = text
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // YAML writes `cpu: 2` as a number; the API takes both forms.
        if let text = try? container.decode(String.self) {
            self.text = text
        } else if let whole = try? container.decode(Int64.self) {
            text = String(whole)
        } else {
            text = String(try container.decode(Double.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// A taint that pods bear.
package struct TolerationSpec: Codable, Sendable, Equatable {
    /// The taint's key; empty with `Exists` for all taints.
    package var key: String?
    /// `Exists` or `Equal`.
    package var `operator`: String?
    /// The taint's value, with `Equal`.
    package var value: String?
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    package var effect: String?

    /// Makes a toleration.
    package init(key: String? = nil, operator: String? = nil, value: String? = nil, effect: String? = nil) {
        self.key = key
        self.operator = `operator`
        self.value = value
        self.effect = effect
    }
}
