// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The server's own account of a request that it refused, or of one without another answer (metav1.Status).
package struct KubeStatus: Codable, Sendable, Equatable {
    /// `Success` or `Failure`.
    package var status: String?
    /// A sentence for a person.
    package var message: String?
    /// One CamelCase word for why, for instance `NotFound`, `AlreadyExists`, `Conflict` or `Expired`.
    package var reason: String?
    /// The HTTP status code.
    package var code: Int?
    /// What the request was about.
    package var details: Details?

    /// What a refused request was about.
    package struct Details: Codable, Sendable, Equatable {
        /// The object's name.
        package var name: String?
        /// The API group.
        package var group: String?
        /// The kind or the plural name of the resource.
        package var kind: String?
        /// The object's UID.
        package var uid: String?
        /// What is wrong, field by field.
        package var causes: [Cause]?
        /// How long to wait before the next try, in seconds.
        package var retryAfterSeconds: Int?

        /// Makes details.
        package init(
            name: String? = nil,
            group: String? = nil,
            kind: String? = nil,
            uid: String? = nil,
            causes: [Cause]? = nil,
            retryAfterSeconds: Int? = nil
        ) {
            self.name = name
            self.group = group
            self.kind = kind
            self.uid = uid
            self.causes = causes
            self.retryAfterSeconds = retryAfterSeconds
        }
    }

    /// One thing that is wrong.
    package struct Cause: Codable, Sendable, Equatable {
        /// One CamelCase word, for instance `FieldValueInvalid` or `FieldManagerConflict`.
        package var reason: String?
        /// A sentence.
        package var message: String?
        /// The field, for instance `spec.containers[0].name`.
        package var field: String?

        /// Makes a cause.
        package init(reason: String? = nil, message: String? = nil, field: String? = nil) {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    /// Makes a status.
    package init(
        status: String? = "Failure",
        message: String? = nil,
        reason: String? = nil,
        code: Int? = nil,
        details: Details? = nil
    ) {
        self.status = status
        self.message = message
        self.reason = reason
        self.code = code
        self.details = details
    }

    /// Whether the server no longer has the version or page that was asked for, so that a new list is needed.
    package var isGone: Bool { code == 410 || reason == "Expired" || reason == "Gone" }
}
