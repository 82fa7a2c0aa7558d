// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import KubeCore

extension KubeClient {
    /// Asks the server what it has; asking again refreshes the answer.
    ///
    /// A version of a group that cannot be read, because a server behind the API server is away, is noted in
    /// `unreachable` and costs no other group. `only` limits the questions to these, for instance `batch/v1`.
    package func discover(only versions: Set<String>? = nil) async throws -> ServerResources {
        let groups = try await apiGroups()
        let all = ["v1"] + groups.groups.flatMap { $0.versions.map(\.groupVersion) }
        let asked = versions.map { wanted in all.filter(wanted.contains) } ?? all
        return try await withThrowingTaskGroup(of: (String, Result<APIResourceList, KubeError>).self) { group in
            for version in asked {
                group.addTask {
                    do {
                        return (version, .success(try await resources(of: version)))
                    } catch let error as KubeError {
                        return (version, .failure(error))
                    }
                }
            }
            var lists: [APIResourceList] = []
            var unreachable: [String: String] = [:]
            for try await (version, result) in group {
                switch result {
                case .success(let list): lists.append(list)
                // It went between the two questions.
                case .failure(let error) where error.isNotFound: continue
                case .failure(let error): unreachable[version] = error.description
                }
            }
            return ServerResources(groups: groups, lists: lists, unreachable: unreachable)
        }
    }

    private func resources(of groupVersion: String) async throws -> APIResourceList {
        let root = groupVersion.contains("/") ? "/apis/" : "/api/"
        var list = try await send(KubeRequest(path: root + groupVersion), as: APIResourceList.self)
        list.groupVersion = groupVersion
        return list
    }
}
