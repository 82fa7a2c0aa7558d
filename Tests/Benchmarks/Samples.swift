// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore

/// The objects that are created by the hundred.
enum Samples {
    static func pipeline(_ name: String, namespace: String) -> ForecastPipeline {
        ForecastPipeline(
            metadata: ObjectMeta(name: name, namespace: namespace),
            spec: ForecastPipelineSpec(
                source: SourceSpec(csv: CSVSourceSpec(path: "data/metro-traffic.csv.gz")),
                series: SeriesSpec(timestamp: "time", targets: ["traffic_volume"], frequency: "1h"),
                model: ModelSpec(lookback: 336, horizon: 24, nlinear: NLinearSpec())
            )
        )
    }

    static func job(_ name: String, namespace: String) -> Job {
        let container = Container(name: "worker", image: "almanac.dev/worker:dev", args: ["run"])
        return Job(
            metadata: ObjectMeta(name: name, namespace: namespace),
            spec: JobSpec(
                template: PodTemplateSpec(spec: PodSpec(containers: [container], restartPolicy: "Never")),
                backoffLimit: 0
            )
        )
    }
}
