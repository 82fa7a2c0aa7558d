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

    /// What is known of the rows to forecast, with their times, as columns.
    ///
    /// - Parameter isFrame: Whether they say which series they are of.
    private func futureColumns(isFrame: Bool = false) -> JSONLiteral {
        var columns = [HistoryTable.timestamp: JSONLiteral(example.futureTimes.map { JSONLiteral($0) })]
        for (column, name) in series.futureColumns.enumerated() {
            columns[name] = JSONLiteral(example.future.map { JSONLiteral($0[column]) })
        }
        for (column, value) in key where isFrame {
            columns[column] = JSONLiteral(example.future.map { _ in JSONLiteral(value) })
        }
        return JSONLiteral(columns)
    }

    /// The same as rows without names.
    private var future: JSONLiteral {
        JSONLiteral(example.future.map { JSONLiteral($0.map { JSONLiteral($0) }) })
    }

    /// Members of a request, with the one that names the series where the model has several.
    private func keyed(
        _ members: [String: JSONLiteral],
        as name: String = ServedGroups.member
    ) -> [String: JSONLiteral] {
        guard !key.isEmpty else { return members }
        let series = Dictionary(key.map { ($0.column, JSONLiteral($0.value)) }) { first, _ in first }
        return members.merging([name: JSONLiteral(series)]) { own, _ in own }
    }

    /// The first series by the grouping columns; none where there are none.
    private var key: [(column: String, value: String)] {
        series.groups.map { groups in zip(groups.groupBy, groups.panel.keys[0].values).map { ($0, $1) } } ?? []
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
        var body: [String: JSONLiteral] = ["data": JSONLiteral(data), "horizon": JSONLiteral(series.shape.horizon)]
        // The bounds of the narrowest interval stand beside the median.
        if let quantiles = series.intervals?.quantiles {
            let bounds = [quantiles[quantiles.count / 2 - 1], quantiles[quantiles.count / 2 + 1]]
            body["quantiles"] = JSONLiteral(bounds.map { JSONLiteral($0) })
        }
        if series.shape.future > 0 { body[FutureRows.name] = futureColumns() }
        return JSONLiteral(keyed(body))
    }

    /// KServe's time series.
    var timeSeries: JSONLiteral {
        let isSingle = series.shape.channels == 1
        var input: [String: JSONLiteral] = [
            "type": JSONLiteral(isSingle ? "univariate_time_series" : "multivariate_time_series"),
            "name": JSONLiteral(series.targets.joined(separator: ",")),
            "series": history,
            "frequency": JSONLiteral(StepName.name(series.frequency)),
            "start_timestamp": JSONLiteral(example.times.first ?? ""),
        ]
        if series.shape.future > 0 { input[FutureRows.name] = future }
        return [
            "model": JSONLiteral(model),
            "inputs": JSONLiteral([JSONLiteral(keyed(input, as: ServedGroups.timeSeriesMember))]),
            "options": ["horizon": JSONLiteral(series.shape.horizon)],
        ]
    }

    /// MLflow.
    var invocations: JSONLiteral {
        let data = zip(example.times, example.rows).map { time, row in
            JSONLiteral(key.map { JSONLiteral($0.value) } + [JSONLiteral(time)] + row.map { JSONLiteral($0) })
        }
        let columns = key.map(\.column) + [HistoryTable.timestamp] + series.columns
        var body: [String: JSONLiteral] = [
            "dataframe_split": ["columns": JSONLiteral(columns.map { JSONLiteral($0) }), "data": JSONLiteral(data)]
        ]
        if series.shape.future > 0 { body[InvocationsBody.known] = futureColumns(isFrame: true) }
        return JSONLiteral(body)
    }

    /// KServe's V1.
    var v1: JSONLiteral {
        guard series.usesTimes || series.shape.future > 0 || series.groups != nil else {
            return ["instances": [history]]
        }
        var instance: [String: JSONLiteral] = ["history": history]
        if series.usesTimes { instance["end"] = lastTime }
        if series.shape.future > 0 { instance[FutureRows.name] = future }
        return ["instances": JSONLiteral([JSONLiteral(keyed(instance))])]
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
        if shape.future > 0 {
            let data = JSONLiteral(example.future.flatMap { $0.map { JSONLiteral($0) } })
            let sizes: JSONLiteral = [1, JSONLiteral(shape.horizon), JSONLiteral(shape.future)]
            inputs.append(["name": JSONLiteral(FutureRows.name), "datatype": "FP64", "shape": sizes, "data": data])
        }
        for (column, value) in key {
            let data: JSONLiteral = [JSONLiteral(value)]
            inputs.append(["name": JSONLiteral(column), "datatype": "BYTES", "shape": [1], "data": data])
        }
        return ["id": "1", "inputs": JSONLiteral(inputs)]
    }
}
