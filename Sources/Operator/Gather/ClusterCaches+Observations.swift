// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore
import KubeRuntime

extension ClusterCaches {
    /// The facts about a pipeline; nil where it is gone.
    func observePipeline(_ key: ObjectKey, options: OperatorOptions) -> ObservedPipeline? {
        guard let pipeline = pipelines[key] else { return nil }
        let uid = pipeline.metadata.uid ?? ""
        func child(_ name: String) -> ObjectKey { ObjectKey(namespace: key.namespace, name: name) }
        let run = Naming.run(pipeline: key.name, generation: pipeline.metadata.generation ?? 0)
        let itsRuns = runs.objects(controlledBy: uid)
        return ObservedPipeline(
            pipeline: pipeline,
            runs: itsRuns.filter { !$0.isClone },
            clones: itsRuns.filter(\.isClone),
            runOfGeneration: runs[child(run)],
            claim: claims[child(Naming.storeClaim(pipeline: key.name))].flatMap { owned($0, by: uid) },
            service: pipeline.spec.service.flatMap { services[child($0.name)] },
            ownServices: services.objects(controlledBy: uid),
            servingServices: services.objects(
                index: Self.pipelineIndex.name,
                value: Self.pipelineKey(key.namespace, key.name)
            ),
            options: options
        )
    }

    /// The facts about a run; nil where it is gone.
    func observeRun(_ key: ObjectKey, options: OperatorOptions, board: ProgressBoard) -> ObservedRun? {
        guard let run = runs[key] else { return nil }
        let itsPods = pods.objects(index: Naming.runLabel, value: key.name).filter {
            $0.metadata.namespace == key.namespace
        }
        let said = itsPods.compactMap { pod in pod.metadata.uid.flatMap { uid in board[uid].map { (uid, $0) } } }
        let uid = run.metadata.uid ?? ""
        func sibling(_ name: String) -> ObjectKey { ObjectKey(namespace: key.namespace, name: name) }
        let pipeline = pipelines[sibling(run.spec.pipelineRef.name)]
        return ObservedRun(
            run: run,
            pipeline: pipeline,
            origin: run.spec.fromRun.flatMap { runs[sibling($0)] },
            family: pipeline?.metadata.uid.map { runs.objects(controlledBy: $0) } ?? [],
            services: services.objects(
                index: Self.pipelineIndex.name,
                value: Self.pipelineKey(key.namespace, run.spec.pipelineRef.name)
            ),
            monitoredServices: services.objects(index: Self.monitoredIndex.name, value: key.namespace ?? "")
                .map(\.metadata.name),
            jobs: jobs.objects(controlledBy: uid),
            pods: itsPods,
            progress: Dictionary(said) { $1 },
            incumbent: pipeline?.status?.model,
            options: options
        )
    }

    /// The facts about a service; nil where it is gone.
    func observeService(_ key: ObjectKey, options: OperatorOptions, board: ReportBoard) -> ObservedService? {
        guard let service = services[key] else { return nil }
        let uid = service.metadata.uid ?? ""
        let itsPods = pods.objects(index: Naming.serviceLabel, value: key.name).filter {
            $0.metadata.namespace == key.namespace
        }
        let answers = itsPods.compactMap { pod in board[pod].map { (pod.metadata.name, $0) } }
        let map = ObjectKey(namespace: key.namespace, name: Naming.servingConfiguration(service: key.name))
        return ObservedService(
            service: service,
            pipeline: pipelines[ObjectKey(namespace: key.namespace, name: service.spec.model.pipelineRef.name)],
            deployment: deployments[key].flatMap { owned($0, by: uid) },
            network: networks[key].flatMap { owned($0, by: uid) },
            configuration: configurations[map].flatMap { owned($0, by: uid) },
            autoscaler: autoscalers.get(key).flatMap { owned($0, by: uid) },
            budget: budgets.get(key).flatMap { owned($0, by: uid) },
            pods: itsPods,
            answers: Dictionary(answers) { $1 },
            monitorJobs: jobs.objects(controlledBy: uid),
            monitorPods: pods.objects(index: Naming.monitorLabel, value: key.name).filter {
                $0.metadata.namespace == key.namespace
            },
            options: options
        )
    }

    /// Leaves out what is somebody else's: making our own of that name tells the two apart.
    private func owned<Object: KubeObject>(_ object: Object, by uid: String) -> Object? {
        object.metadata.isControlled(by: uid) ? object : nil
    }
}
