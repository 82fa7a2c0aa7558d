// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import WorkerTestSupport

@testable import Serving

extension CertificateSecret {
    /// What its two files say.
    var files: Result<CertificateFolder.Files, ServingError> {
        Result { () throws(ServingError) in try CertificateFolder(path: folder).read() }
    }
}
