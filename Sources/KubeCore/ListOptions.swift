// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a list or watch selects, and from which version on.
package struct ListOptions: Sendable, Equatable {
    /// Selects by labels, for instance `app=almanac`.
    package var labelSelector: String?
    /// Selects by fields, for instance `metadata.name=x`.
    package var fieldSelector: String?
    /// The most items on a page; nil for all on one.
    package var limit: Int?
    /// The token of the page to fetch, from the page before.
    package var continueToken: String?
    /// The version to start at; nil for the newest, `0` for whatever the server has at hand.
    package var resourceVersion: String?
    /// How `resourceVersion` is meant: `NotOlderThan` or `Exact`.
    package var resourceVersionMatch: String?
    /// How long the server keeps a watch open, in seconds.
    package var timeoutSeconds: Int?
    /// Whether a watch begins with the present state; Kubernetes 1.27 and newer.
    package var sendInitialEvents: Bool?

    /// Makes options; without any, the newest state is selected in full.
    package init(
        labelSelector: String? = nil,
        fieldSelector: String? = nil,
        limit: Int? = nil,
        continueToken: String? = nil,
        resourceVersion: String? = nil,
        resourceVersionMatch: String? = nil,
        timeoutSeconds: Int? = nil,
        sendInitialEvents: Bool? = nil
    ) {
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
        self.limit = limit
        self.continueToken = continueToken
        self.resourceVersion = resourceVersion
        self.resourceVersionMatch = resourceVersionMatch
        self.timeoutSeconds = timeoutSeconds
        self.sendInitialEvents = sendInitialEvents
    }

    /// The options as query items, in a fixed order.
    ///
    /// A page's token stands for the version of its list, and servers refuse a version beside it.
    var queryItems: [KubeRequest.QueryItem] {
        let isFirstPage = (continueToken ?? "").isEmpty
        let all: [(String, String?)] = [
            ("labelSelector", labelSelector),
            ("fieldSelector", fieldSelector),
            ("limit", limit.map(String.init)),
            ("continue", continueToken),
            ("resourceVersion", isFirstPage ? resourceVersion : nil),
            ("resourceVersionMatch", isFirstPage ? resourceVersionMatch : nil),
            ("timeoutSeconds", timeoutSeconds.map(String.init)),
            ("sendInitialEvents", sendInitialEvents.map(String.init)),
        ]
        return all.compactMap { name, value in value.map { KubeRequest.QueryItem(name, $0) } }
    }
}
