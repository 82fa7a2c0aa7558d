// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import KubeCore

/// One request of each protocol that works when it is sent.
struct RequestExamples: Sendable {
    let series: ServedSeries
    let model: String
    let example: HistoryExample

    private var rows: JSONLiteral { JSONLiteral(example.rows.map { JSONLiteral($0.map { JSONLiteral($0) }) }) }

    /// The rows, or the numbers of the only column.
    private var history: JSONLiteral {
        series.shape.channels == 1 ? JSONLiteral(example.rows.map { JSONLiteral($0[0]) }) : rows
    }

    private var lastTime: JSONLiteral { JSONLiteral(example.times.last ?? "") }

    /// Almanac's own.
    var predict: JSONLiteral {
        var data: [String: JSONLiteral] = [
            HistoryTable.timestamp: JSONLiteral(example.times.map { JSONLiteral($0) })
        ]
        for (column, name) in series.columns.enumerated() {
            data[name] = JSONLiteral(example.rows.map { JSONLiteral($0[column]) })
        }
        var body = ["data": JSONLiteral(data), "horizon": JSONLiteral(series.shape.horizon)]
        // The bounds of the narrowest interval stand beside the median.
        if let quantiles = series.intervals?.quantiles {
            let bounds = [quantiles[quantiles.count / 2 - 1], quantiles[quantiles.count / 2 + 1]]
            body["quantiles"] = JSONLiteral(bounds.map { JSONLiteral($0) })
        }
        return JSONLiteral(body)
    }

    /// KServe's time series.
    var timeSeries: JSONLiteral {
        let isSingle = series.shape.channels == 1
        return [
            "model": JSONLiteral(model),
            "inputs": [
                [
                    "type": JSONLiteral(isSingle ? "univariate_time_series" : "multivariate_time_series"),
                    "name": JSONLiteral(series.targets.joined(separator: ",")),
                    "series": history,
                    "frequency": JSONLiteral(StepName.name(series.frequency)),
                    "start_timestamp": JSONLiteral(example.times.first ?? ""),
                ]
            ],
            "options": ["horizon": JSONLiteral(series.shape.horizon)],
        ]
    }

    /// MLflow.
    var invocations: JSONLiteral {
        let data = zip(example.times, example.rows).map { time, row in
            JSONLiteral([JSONLiteral(time)] + row.map { JSONLiteral($0) })
        }
        let columns = [HistoryTable.timestamp] + series.columns
        return [
            "dataframe_split": ["columns": JSONLiteral(columns.map { JSONLiteral($0) }), "data": JSONLiteral(data)]
        ]
    }

    /// KServe's V1.
    var v1: JSONLiteral {
        guard series.usesTimes else { return ["instances": [history]] }
        return ["instances": [["history": history, "end": lastTime]]]
    }

    /// The Open Inference Protocol v2.
    var v2: JSONLiteral {
        let shape = series.shape
        var inputs: [JSONLiteral] = [
            [
                "name": "history", "datatype": "FP64",
                "shape": [1, JSONLiteral(shape.lookback), JSONLiteral(shape.channels)],
                "data": JSONLiteral(example.rows.flatMap { $0.map { JSONLiteral($0) } }),
            ]
        ]
        if series.usesTimes {
            let end = JSONLiteral(Int(example.end))
            inputs.append(["name": "end", "datatype": "INT64", "shape": [1], "data": [end]])
        }
        return ["id": "1", "inputs": JSONLiteral(inputs)]
    }
}
