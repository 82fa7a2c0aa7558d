// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Hummingbird

/// Almanac's own protocol.
extension ServingRoutes {
    func addPredict(to router: Router<Context>) {
        add("/predict", .post, to: router) { request, context in
            let entry = try entry(request, context)
            let model = entry.model
            let bodies = PredictBody(series: model.series)
            let decoded = try bodies.decode(try await RequestBodyReader.read(request))
            let forecasts = try await model.forecast(decoded.history, context.record.admission)
            let bytes = try bodies.encode(forecasts, for: decoded, model: model.name, version: model.version)
            return answer(bytes, of: entry)
        }
    }
}
