// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Hummingbird

/// What can be asked, for programs and for people.
extension ServingRoutes {
    func addPages(to router: Router<Context>) {
        add("/openapi.json", .get, to: router) { _, _ in
            let document = OpenAPIDocument(
                model: try shelf.stable.model,
                versions: shelf.versions,
                access: admission.access.schemes
            )
            return .json(document.encoded())
        }
        add("/docs", .get, to: router) { _, _ in
            var response = Response.plain(DocsPage.html)
            response.headers[.contentType] = "text/html; charset=utf-8"
            // The page brings all that it needs, and whatever it shows can reach nothing but this server.
            response.headers[.contentSecurityPolicy] = DocsPage.policy
            return response
        }
    }
}
