// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Hummingbird

/// KServe's time series.
extension ServingRoutes {
    func addTimeSeries(to router: Router<Context>) {
        add("/v1/timeseries/models", .get, to: router) { _, _ in .json(try shelf.stable.info.list) }
        add("/v1/timeseries/forecast", .post, to: router) { request, context in
            let body = try await RequestBodyReader.read(request)
            let entry = try entry(request, context, name: try TimeSeriesBody.model(in: body))
            let model = entry.model
            let bodies = TimeSeriesBody(series: model.series)
            let decoded = try bodies.decode(body)
            let forecasts = try await model.forecast(decoded.batch.history, context.record.admission)
            let bytes = try bodies.encode(
                forecasts,
                for: decoded,
                model: model.name,
                version: model.version,
                mark: mark()
            )
            return answer(bytes, of: entry)
        }
    }
}
