// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Hummingbird

/// Which series there are to choose from.
extension ServingRoutes {
    func addSeries(to router: Router<Context>) {
        add("/series", .get, to: router) { request, context in
            let query = request.uri.queryParameters
            let page = try SeriesPage(offset: query["offset"], limit: query["limit"])
            let entry = try entry(request, context)
            let model = entry.model
            return answer(page.encode(model.groups, model: model.name, version: model.version), of: entry)
        }
    }
}
