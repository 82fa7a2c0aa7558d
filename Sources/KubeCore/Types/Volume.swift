// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Storage that containers of a pod mount; exactly one source.
package struct Volume: Codable, Sendable, Equatable {
    /// The name that mounts use.
    package var name: String
    /// Keys of a ConfigMap as files.
    package var configMap: ConfigMapVolumeSource?
    /// Keys of a Secret as files.
    package var secret: SecretVolumeSource?
    /// A claimed volume.
    package var persistentVolumeClaim: PersistentVolumeClaimVolumeSource?
    /// Facts about the pod itself as files.
    package var downwardAPI: DownwardAPIVolumeSource?
    /// An empty folder that lives as long as the pod.
    package var emptyDir: EmptyDirVolumeSource?
    /// Files of several origins in one folder.
    package var projected: ProjectedVolumeSource?

    /// Makes one from what is known of it.
    package init(
        name: String,
        configMap: ConfigMapVolumeSource? = nil,
        secret: SecretVolumeSource? = nil,
        persistentVolumeClaim: PersistentVolumeClaimVolumeSource? = nil,
        downwardAPI: DownwardAPIVolumeSource? = nil,
        emptyDir: EmptyDirVolumeSource? = nil,
        projected: ProjectedVolumeSource? = nil
    ) {
        self.name = name
        self.configMap = configMap
        self.secret = secret
        self.persistentVolumeClaim = persistentVolumeClaim
        self.downwardAPI = downwardAPI
        self.emptyDir = emptyDir
        self.projected = projected
    }
}

/// Files of several origins in one folder.
package struct ProjectedVolumeSource: Codable, Sendable, Equatable {
    /// The origins.
    package var sources: [VolumeProjection]?
    /// The files' mode bits.
    package var defaultMode: Int32?

    /// Makes one from what is known of it.
    package init(sources: [VolumeProjection]? = nil, defaultMode: Int32? = nil) {
        self.sources = sources
        self.defaultMode = defaultMode
    }
}

/// One origin of files.
package struct VolumeProjection: Codable, Sendable, Equatable {
    /// A token of the pod's ServiceAccount.
    package var serviceAccountToken: ServiceAccountTokenProjection?
    /// Keys of a ConfigMap.
    package var configMap: ConfigMapProjection?

    /// Makes one from what is known of it.
    package init(serviceAccountToken: ServiceAccountTokenProjection? = nil, configMap: ConfigMapProjection? = nil) {
        self.serviceAccountToken = serviceAccountToken
        self.configMap = configMap
    }
}

/// A token of the pod's ServiceAccount that ends with the pod; the kubelet renews it.
package struct ServiceAccountTokenProjection: Codable, Sendable, Equatable {
    /// The file's path in the volume.
    package var path: String
    /// Whom the token is for; nil for the API server.
    package var audience: String?
    /// How long it is valid, 600 at least.
    package var expirationSeconds: Int64?

    /// Makes one from what is known of it.
    package init(path: String, audience: String? = nil, expirationSeconds: Int64? = nil) {
        self.path = path
        self.audience = audience
        self.expirationSeconds = expirationSeconds
    }
}

/// Keys of a ConfigMap as files among others.
package struct ConfigMapProjection: Codable, Sendable, Equatable {
    /// The ConfigMap's name.
    package var name: String
    /// The keys; nil for all of them.
    package var items: [KeyToPath]?
    /// Whether the ConfigMap may be missing.
    package var optional: Bool?

    /// Makes one from what is known of it.
    package init(name: String, items: [KeyToPath]? = nil, optional: Bool? = nil) {
        self.name = name
        self.items = items
        self.optional = optional
    }
}

/// Facts about the pod itself as files.
package struct DownwardAPIVolumeSource: Codable, Sendable, Equatable {
    /// The files.
    package var items: [DownwardAPIVolumeFile]?

    /// Makes one from what is known of it.
    package init(items: [DownwardAPIVolumeFile]? = nil) {
        self.items = items
    }
}

/// A fact about the pod as a file.
package struct DownwardAPIVolumeFile: Codable, Sendable, Equatable {
    /// The file's path in the volume.
    package var path: String
    /// The fact.
    package var fieldRef: ObjectFieldSelector?

    /// Makes one from what is known of it.
    package init(path: String, fieldRef: ObjectFieldSelector? = nil) {
        self.path = path
        self.fieldRef = fieldRef
    }
}

/// Keys of a ConfigMap as files.
package struct ConfigMapVolumeSource: Codable, Sendable, Equatable {
    /// The ConfigMap's name.
    package var name: String
    /// The keys; nil for all of them.
    package var items: [KeyToPath]?
    /// The files' mode bits.
    package var defaultMode: Int32?
    /// Whether the ConfigMap may be missing.
    package var optional: Bool?

    /// Makes one from what is known of it.
    package init(name: String, items: [KeyToPath]? = nil, defaultMode: Int32? = nil, optional: Bool? = nil) {
        self.name = name
        self.items = items
        self.defaultMode = defaultMode
        self.optional = optional
    }
}

/// Keys of a Secret as files.
package struct SecretVolumeSource: Codable, Sendable, Equatable {
    /// The Secret's name.
    package var secretName: String
    /// The keys; nil for all of them.
    package var items: [KeyToPath]?
    /// The files' mode bits.
    package var defaultMode: Int32?
    /// Whether the Secret may be missing.
    package var optional: Bool?

    /// Makes one from what is known of it.
    package init(secretName: String, items: [KeyToPath]? = nil, defaultMode: Int32? = nil, optional: Bool? = nil) {
        self.secretName = secretName
        self.items = items
        self.defaultMode = defaultMode
        self.optional = optional
    }
}

/// A key and the file that it becomes.
package struct KeyToPath: Codable, Sendable, Equatable {
    /// The key.
    package var key: String
    /// The file's path within the volume.
    package var path: String
    /// The file's mode bits.
    package var mode: Int32?

    /// Makes one from what is known of it.
    package init(key: String, path: String, mode: Int32? = nil) {
        self.key = key
        self.path = path
        self.mode = mode
    }
}

/// A claimed volume.
package struct PersistentVolumeClaimVolumeSource: Codable, Sendable, Equatable {
    /// The claim's name, in the same namespace.
    package var claimName: String
    /// Whether writing is refused.
    package var readOnly: Bool?

    /// Makes one from what is known of it.
    package init(claimName: String, readOnly: Bool? = nil) {
        self.claimName = claimName
        self.readOnly = readOnly
    }
}

/// An empty folder that lives as long as the pod.
package struct EmptyDirVolumeSource: Codable, Sendable, Equatable {
    /// `Memory` for one in memory.
    package var medium: String?
    /// The most that it may hold, as a quantity.
    package var sizeLimit: String?

    /// Makes one from what is known of it.
    package init(medium: String? = nil, sizeLimit: String? = nil) {
        self.medium = medium
        self.sizeLimit = sizeLimit
    }
}
