// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeClient
import KubeCore
import KubeRuntime

/// What the operator knows of the cluster: every object of ours, and the children that carry our label.
///
/// Custom resources are watched in full. Of the built-in kinds only objects with our label are held, because a cluster
/// may have a hundred thousand pods of others.
struct ClusterCaches: Sendable {
    let pipelines: Store<ForecastPipeline>
    let runs: Store<ForecastRun>
    let services: Store<ForecastService>
    let jobs: Store<Job>
    let pods: Store<Pod>
    let claims: Store<PersistentVolumeClaim>
    let deployments: Store<Deployment>
    let networks: Store<Service>
    let configurations: Store<ConfigMap>
    let autoscalers: VersionedStore<HorizontalPodAutoscaler<V2>>
    let budgets: VersionedStore<PodDisruptionBudget<V1>>
    /// What keeps the stores as the API server has the objects.
    let feeds: [any CacheFeed]
    private let syncStates: [@Sendable () -> String?]

    /// The index of services by the pipeline that they name.
    static let pipelineIndex = StoreIndex<ForecastService>(name: "pipeline") {
        [pipelineKey($0.metadata.namespace, $0.spec.model.pipelineRef.name)]
    }

    /// The index of services whose forecasts are remembered, by their namespace.
    static let monitoredIndex = StoreIndex<ForecastService>(name: "monitored") {
        $0.spec.monitoring == nil ? [] : [$0.metadata.namespace ?? ""]
    }

    static func pipelineKey(_ namespace: String?, _ name: String) -> String { "\(namespace ?? "")/\(name)" }

    /// Makes empty caches of that namespace; nil stands for all namespaces.
    init(
        client: KubeClient,
        namespace: String?,
        versions: ServerVersions,
        environment: RuntimeEnvironment,
        metrics: RuntimeMetrics
    ) {
        var feeds: [any CacheFeed] = []
        var syncStates: [@Sendable () -> String?] = []
        func cache<Object: KubeObject>(
            _ indices: [StoreIndex<Object>] = [.controllerUID],
            labelSelector: String? = nil,
            prune: @escaping @Sendable (inout Object) -> Void = { _ in }
        ) -> Store<Object> {
            let store = Store<Object>(indices: indices)
            let listWatch = ListWatch<Object>(client: client, namespace: namespace, labelSelector: labelSelector)
            feeds.append(
                Reflector(
                    store: store,
                    listWatch: listWatch,
                    options: Reflector.Options(prune: prune),
                    environment: environment,
                    metrics: metrics
                )
            )
            syncStates.append { store.hasSynced ? nil : "\(Object.resource)" }
            return store
        }
        let ours = "app.kubernetes.io/managed-by=\(Naming.fieldManager)"
        pipelines = cache()
        runs = cache()
        services = cache([.controllerUID, Self.pipelineIndex, Self.monitoredIndex])
        jobs = cache(labelSelector: ours) { $0.dropTemplate() }
        let podIndices: [StoreIndex<Pod>] = [
            .label(Naming.runLabel), .label(Naming.serviceLabel), .label(Naming.monitorLabel),
        ]
        pods = cache(podIndices, labelSelector: ours) { $0.dropTemplate() }
        claims = cache(labelSelector: ours)
        deployments = cache(labelSelector: ours)
        networks = cache(labelSelector: ours)
        configurations = cache(labelSelector: ours)
        func autoscalerCache<V: APIVersion>(_ version: V.Type) -> VersionedStore<HorizontalPodAutoscaler<V2>> {
            let store: Store<HorizontalPodAutoscaler<V>> = cache(labelSelector: ours)
            return VersionedStore(store, ownedBy: ForecastService.resource) { $0.as(V2.self) }
        }
        func budgetCache<V: APIVersion>(_ version: V.Type) -> VersionedStore<PodDisruptionBudget<V1>> {
            let store: Store<PodDisruptionBudget<V>> = cache(labelSelector: ours)
            return VersionedStore(store, ownedBy: ForecastService.resource) { $0.as(V1.self) }
        }
        autoscalers = versions.hasAutoscalingV2 ? autoscalerCache(V2.self) : autoscalerCache(V2Beta2.self)
        budgets = versions.hasPolicyV1 ? budgetCache(V1.self) : budgetCache(V1Beta1.self)
        self.feeds = feeds
        self.syncStates = syncStates
    }

    /// The resources of which there was no list yet.
    var unsynced: [String] { syncStates.compactMap { $0() } }
}

extension Job {
    /// Leaves out what its pods are made from. Jobs are made once and never compared, and a large cluster has thousands.
    fileprivate mutating func dropTemplate() { spec?.template = PodTemplateSpec(spec: PodSpec(containers: [])) }
}

extension Pod {
    /// Leaves out what it was made from, but for the limits that a message about its end names.
    fileprivate mutating func dropTemplate() {
        let containers = spec?.containers.map { Container(name: $0.name, resources: $0.resources) }
        spec = containers.map { PodSpec(containers: $0) }
    }
}
