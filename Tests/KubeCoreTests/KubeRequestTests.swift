// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import KubeCore

struct KubeRequestTests {
    let map = ConfigMap(
        metadata: ObjectMeta(name: "m", namespace: "ns", labels: ["app.kubernetes.io/name": "x"]),
        data: ["k": "a/b"]
    )

    func text(_ request: KubeRequest) -> String { String(decoding: request.body ?? Data(), as: UTF8.self) }

    @Test("paths name group, namespace and object, and nothing can break out of them")
    func paths() {
        let get = KubeRequest.get(Job.resource, namespace: "ns", name: "a/../b?c")
        #expect(get.target == "/apis/batch/v1/namespaces/ns/jobs/a%2F..%2Fb%3Fc")
        #expect(
            KubeRequest.get(Pod.resource, namespace: "ns", name: "..").target == "/api/v1/namespaces/ns/pods/%2E%2E"
        )
        #expect(get.method == .get && get.description == "get jobs.batch ns/a/../b?c")
    }

    @Test("a list and a watch carry their options")
    func listAndWatch() {
        let options = ListOptions(
            labelSelector: "a=b,c in (d)",
            limit: 500,
            resourceVersion: "7",
            timeoutSeconds: 300
        )
        #expect(
            KubeRequest.list(Pod.resource, namespace: nil, options: options).target
                == "/api/v1/pods?labelSelector=a%3Db%2Cc%20in%20%28d%29&limit=500&resourceVersion=7"
                + "&timeoutSeconds=300"
        )
        #expect(
            KubeRequest.watch(Pod.resource, namespace: "ns", options: ListOptions(resourceVersion: "7")).target
                == "/api/v1/namespaces/ns/pods?watch=true&allowWatchBookmarks=true&resourceVersion=7"
        )
    }

    @Test("pages after the first carry their token and no version")
    func laterPages() {
        let options = ListOptions(
            limit: 500,
            continueToken: "x=",
            resourceVersion: "7",
            resourceVersionMatch: "NotOlderThan"
        )
        #expect(
            KubeRequest.list(Pod.resource, namespace: nil, options: options).target
                == "/api/v1/pods?limit=500&continue=x%3D"
        )
    }

    @Test("an apply holds no escaped slash, no status and nothing that only the server writes")
    func apply() throws {
        var job = Job(metadata: map.metadata, status: JobStatus(active: 1))
        job.metadata.uid = "u"
        job.metadata.resourceVersion = "7"
        job.metadata.creationTimestamp = Date()
        let request = try KubeRequest.apply(job, fieldManager: "almanac-operator", force: true)
        #expect(request.method == .patch && request.contentType == "application/apply-patch+yaml")
        #expect(request.target == "/apis/batch/v1/namespaces/ns/jobs/m?fieldManager=almanac-operator&force=true")
        #expect(
            text(request)
                == #"{"apiVersion":"batch/v1","kind":"Job","metadata":{"labels":{"app.kubernetes.io/name":"x"},"#
                + #""name":"m","namespace":"ns"}}"#
        )
        #expect(!text(try .apply(map, fieldManager: "a", force: false)).contains("\\/"))
        #expect(try KubeRequest.apply(map, fieldManager: "a", force: false).target.hasSuffix("?fieldManager=a"))
    }

    @Test("an apply of the status holds the status only")
    func applyStatus() throws {
        let spec = JobSpec(template: PodTemplateSpec(spec: PodSpec(containers: [])))
        let job = Job(metadata: map.metadata, spec: spec, status: JobStatus(active: 1))
        let request = try KubeRequest.applyStatus(job, fieldManager: "a", force: true)
        #expect(request.path == "/apis/batch/v1/namespaces/ns/jobs/m/status")
        #expect(
            text(request)
                == #"{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"m","namespace":"ns"},"status":{"active":1}}"#
        )
    }

    @Test("a delete carries its policy and the UID it is meant for")
    func delete() throws {
        let request = try KubeRequest.delete(Job.resource, namespace: "ns", name: "m", uid: "u")
        #expect(request.method == .delete)
        #expect(
            text(request)
                == #"{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u"},"propagationPolicy":"Background"}"#
        )
    }

    @Test("a lease is replaced with the version that was read")
    func lease() throws {
        var lease = Lease(metadata: ObjectMeta(name: "l", namespace: "ns"))
        lease.metadata.resourceVersion = "7"
        let request = try KubeRequest.replaceLease(lease)
        #expect(request.method == .put)
        #expect(request.target == "/apis/coordination.k8s.io/v1/namespaces/ns/leases/l")
        #expect(text(request).contains(#""resourceVersion":"7""#))
    }

    @Test("a label selector becomes a query")
    func selector() {
        let selector = LabelSelector(
            matchLabels: ["b": "2", "a": "1"],
            matchExpressions: [
                LabelSelectorRequirement(key: "c", operator: "In", values: ["x", "y"]),
                LabelSelectorRequirement(key: "d", operator: "DoesNotExist"),
            ]
        )
        #expect(selector.query == "a=1,b=2,c in (x,y),!d")
    }
}
