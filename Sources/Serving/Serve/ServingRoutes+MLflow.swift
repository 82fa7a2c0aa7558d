// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Hummingbird

/// MLflow's scoring server.
extension ServingRoutes {
    func addMLflow(to router: Router<Context>) {
        for path in ["/ping", "/health"] {
            add(path, .get, to: router) { _, _ in
                try checkReady()
                return .plain("\n")
            }
        }
        add("/version", .get, to: router) { _, _ in .plain(ModelInfo.serverVersion) }
        add("/invocations", .post, to: router) { request, context in
            let entry = try entry(request, context)
            let bodies = InvocationsBody(series: entry.model.series)
            let decoded = try bodies.decode(try await RequestBodyReader.read(request))
            let forecasts = try await entry.model.forecast(decoded.batch.history, context.record.admission)
            return answer(try bodies.encode(forecasts, for: decoded), of: entry)
        }
    }
}
