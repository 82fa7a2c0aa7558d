// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Where the processes of a service lay down what they have forecast, each in a folder of its own:
/// `live/<namespace>/<service>/<process>/<file>`.
///
/// Files are written whole and never changed. Calls block: keep them off the cooperative pool. They throw as
/// `ArtifactStorage` does.
package struct LiveFolder: Sendable {
    private let storage: any ArtifactStorage
    private let folder: String
    private static let root = "live"

    /// The folder of a service.
    /// - Throws: `ForecastingError.invalidName`.
    package init(_ store: ArtifactStore, namespace: String, service: String) throws(ForecastingError) {
        storage = store.storage
        folder =
            Self.root + "/" + (try ArtifactAddress.checked(namespace, kind: "namespace")) + "/"
            + (try ArtifactAddress.checked(service, kind: "service"))
    }

    /// The services of a namespace that have left something, sorted; other folders are passed over.
    package static func services(
        in store: ArtifactStore,
        namespace: String
    ) throws(ForecastingError) -> [String] {
        let folder = root + "/" + (try ArtifactAddress.checked(namespace, kind: "namespace"))
        return try store.storage.folders(in: folder, holding: nil).filter(isName)
    }

    /// The processes that have left files, sorted; other folders are passed over.
    package func processes() throws(ForecastingError) -> [String] {
        try storage.folders(in: folder, holding: nil).filter(Self.isName)
    }

    /// The names of a process's files, sorted.
    package func files(of process: String) throws(ForecastingError) -> [String] {
        try storage.files(in: try key(process))
    }

    /// A file's bytes; nil where there is none.
    package func read(_ file: String, of process: String) throws(ForecastingError) -> [UInt8]? {
        try storage.read(try key(process, file))
    }

    /// Writes a file.
    package func write(_ file: String, of process: String, bytes: [UInt8]) throws(ForecastingError) {
        try storage.replace(try key(process, file), with: bytes)
    }

    /// Removes a file; fine when it is not there.
    package func remove(_ file: String, of process: String) throws(ForecastingError) {
        try storage.remove(try key(process, file))
    }

    /// Removes the folder of a process that has no files.
    package func removeFolder(of process: String) throws(ForecastingError) {
        try storage.removeFolder(try key(process), .sealFirst(""))
    }

    /// Removes the service's folder, in which there is no folder of a process any more.
    package func removeFolder() throws(ForecastingError) { try storage.removeFolder(folder, .sealFirst("")) }

    /// A file as people read it.
    package func path(_ file: String, of process: String) -> String { storage.path("\(folder)/\(process)/\(file)") }

    private func key(_ process: String, _ file: String? = nil) throws(ForecastingError) -> String {
        let place = "\(folder)/" + (try ArtifactAddress.checked(process, kind: "process"))
        guard let file else { return place }
        return "\(place)/" + (try ArtifactAddress.checked(file, kind: "file"))
    }

    private static func isName(_ name: String) -> Bool {
        (try? ArtifactAddress.checked(name, kind: "name")) != nil
    }
}
