// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Something that happened to an object, for `kubectl describe`.
package struct Event: KubeObject {
    /// Where these objects live.
    package static let resource = ResourceType(
        group: "events.k8s.io",
        version: "v1",
        kind: "Event",
        plural: "events"
    )
    /// The group and version.
    package var apiVersion: String?
    /// The kind.
    package var kind: String?
    /// Name, labels and owners.
    package var metadata: ObjectMeta
    /// When it first happened.
    package var eventTime: MicroTime?
    /// Who reports, for instance `almanac.dev/operator`.
    package var reportingController: String?
    /// Which instance reports.
    package var reportingInstance: String?
    /// What was done, in CamelCase; at most 128 bytes.
    package var action: String?
    /// Why, in CamelCase; at most 128 bytes.
    package var reason: String?
    /// The object that it happened to.
    package var regarding: ObjectReference?
    /// Another object that matters.
    package var related: ObjectReference?
    /// A sentence; at most 1,024 bytes.
    package var note: String?
    /// `Normal` or `Warning`.
    package var type: String?
    /// How often it happened again.
    package var series: EventSeries?

    /// Makes one from what is known of it.
    package init(
        metadata: ObjectMeta,
        eventTime: MicroTime? = nil,
        reportingController: String? = nil,
        reportingInstance: String? = nil,
        action: String? = nil,
        reason: String? = nil,
        regarding: ObjectReference? = nil,
        related: ObjectReference? = nil,
        note: String? = nil,
        type: String? = nil,
        series: EventSeries? = nil
    ) {
        apiVersion = Self.resource.apiVersion
        kind = Self.resource.kind
        self.metadata = metadata
        self.eventTime = eventTime
        self.reportingController = reportingController
        self.reportingInstance = reportingInstance
        self.action = action
        self.reason = reason
        self.regarding = regarding
        self.related = related
        self.note = note
        self.type = type
        self.series = series
    }
}

/// How often an event happened again.
package struct EventSeries: Codable, Sendable, Equatable {
    /// How often in all.
    package var count: Int32
    /// When it last happened.
    package var lastObservedTime: MicroTime

    /// Makes one from what is known of it.
    package init(count: Int32, lastObservedTime: MicroTime) {
        self.count = count
        self.lastObservedTime = lastObservedTime
    }
}

/// Names an object of any kind.
package struct ObjectReference: Codable, Sendable, Equatable {
    /// The group and version.
    package var apiVersion: String?
    /// The kind.
    package var kind: String?
    /// The namespace; nil for cluster-scoped objects.
    package var namespace: String?
    /// The name.
    package var name: String?
    /// The UID.
    package var uid: String?
    /// The version of the object.
    package var resourceVersion: String?
    /// The part of the object.
    package var fieldPath: String?

    /// Makes one from what is known of it.
    package init(
        apiVersion: String? = nil,
        kind: String? = nil,
        namespace: String? = nil,
        name: String? = nil,
        uid: String? = nil,
        resourceVersion: String? = nil,
        fieldPath: String? = nil
    ) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.fieldPath = fieldPath
    }
}
