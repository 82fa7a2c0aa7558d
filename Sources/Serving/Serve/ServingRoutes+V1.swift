// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Hummingbird

/// KServe's V1.
extension ServingRoutes {
    func addV1(to router: Router<Context>) {
        add("/v1/models", .get, to: router) { _, _ in .json(try shelf.stable.info.list) }
        for path in ["/v1/models/{model}", "/v1/models/{model}/versions/{version}"] {
            add(path, .get, to: router) { request, context in
                let entry = try entry(request, context)
                try checkReady()
                return answer(entry.info.ready, of: entry)
            }
            add(path + ":predict", .post, to: router) { request, context in
                let entry = try entry(request, context)
                let bodies = entry.model.v1
                let history = try bodies.decode(try await RequestBodyReader.read(request))
                let forecasts = try await entry.model.forecast(history, context.record.admission)
                return answer(try bodies.encode(forecasts, batch: history.batch), of: entry)
            }
        }
    }
}
