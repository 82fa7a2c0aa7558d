// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore

/// The pod that runs a worker: what training and serving share. It passes the restricted Pod Security Standard.
struct WorkerPod {
    /// Where the store is mounted.
    static let storePath = "/var/lib/almanac"
    /// Where the source's claim is mounted.
    static let sourcePath = "/var/lib/almanac-source"
    /// Where the claims that forecasts are written into are mounted, each in a folder of its name.
    static let sinksPath = "/var/lib/almanac-sinks"
    /// Where a relative path of a source without a claim starts: the samples in the image.
    static let samplesPath = "/usr/share/almanac/samples"
    /// Where Secrets are mounted, each in a folder of its name.
    static let secretsPath = "/var/run/secrets/almanac.dev"
    /// Where the request of a step is mounted.
    static let requestFolder = "/etc/almanac"

    var options: OperatorOptions
    var worker: WorkerSpec?
    /// The claim of the store; nil where it is a bucket.
    var claimName: String?
    var isStoreReadOnly: Bool
    /// The Secrets that the worker reads.
    var secretNames: [String] = []

    /// The pod of a container that is complete but for image, resources and what every worker has.
    func spec(container inContainer: Container, volumes: [Volume] = [], restartPolicy: String? = nil) -> PodSpec {
        var container = inContainer
        container.image = options.workerImage
        container.imagePullPolicy = options.workerImagePullPolicy
        container.resources = resources
        container.securityContext = SecurityContext(
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: Capabilities(drop: ["ALL"])
        )
        container.volumeMounts =
            (inContainer.volumeMounts ?? []) + (store.map { [$0.mount] } ?? []) + [
                VolumeMount(name: "tmp", mountPath: "/tmp")
            ] + secrets.map(\.mount)
        return PodSpec(
            containers: [container],
            volumes: volumes + (store.map { [$0.volume] } ?? []) + [
                Volume(name: "tmp", emptyDir: EmptyDirVolumeSource())
            ] + secrets.map(\.volume),
            restartPolicy: restartPolicy,
            serviceAccountName: worker?.serviceAccountName,
            automountServiceAccountToken: false,
            securityContext: PodSecurityContext(
                runAsNonRoot: true,
                runAsUser: 65532,
                runAsGroup: 65532,
                fsGroup: 65532,
                seccompProfile: SeccompProfile(type: "RuntimeDefault")
            ),
            nodeSelector: worker?.nodeSelector,
            tolerations: worker?.tolerations?.map {
                Toleration(key: $0.key, operator: $0.operator, value: $0.value, effect: $0.effect)
            },
            enableServiceLinks: false
        )
    }

    /// The store's claim; nil where the store is a bucket.
    private var store: (volume: Volume, mount: VolumeMount)? {
        guard let claimName else { return nil }
        let isReadOnly = isStoreReadOnly ? true : nil
        let claim = PersistentVolumeClaimVolumeSource(claimName: claimName, readOnly: isReadOnly)
        let mount = VolumeMount(name: "store", mountPath: Self.storePath, readOnly: isReadOnly)
        return (Volume(name: "store", persistentVolumeClaim: claim), mount)
    }

    /// A Secret that is not there leaves an empty folder: then the worker says which key it misses, where a pod would
    /// wait without a word in any status.
    private var secrets: [(volume: Volume, mount: VolumeMount)] {
        secretNames.enumerated()
            .map { index, name in
                let volume = "secret-\(index)"
                let source = SecretVolumeSource(secretName: name, defaultMode: 0o440, optional: true)
                let mount = VolumeMount(name: volume, mountPath: "\(Self.secretsPath)/\(name)", readOnly: true)
                return (Volume(name: volume, secret: source), mount)
            }
    }

    private var resources: ResourceRequirements? {
        guard let resources = worker?.resources else { return nil }
        return ResourceRequirements(
            requests: resources.requests?.mapValues(\.text),
            limits: resources.limits?.mapValues(\.text)
        )
    }
}
