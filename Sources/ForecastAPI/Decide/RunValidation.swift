// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeCore

extension ForecastRun {
    /// Everything in the specification that contradicts itself, but for what the template says.
    ///
    /// The CRD states most of it too, but servers before 1.25 drop its CEL rules.
    package func problems() -> [SpecProblem] {
        var check = SpecCheck()
        switch (spec.template, spec.fromRun) {
        case (nil, nil): check.add("spec", "must hold exactly one of template and fromRun; there is none")
        case (.some, .some): check.add("spec", "must hold exactly one of template and fromRun; there are both")
        case (.some, nil):
            if spec.trigger == .clone { check.add("spec.trigger", "is Clone, which goes with fromRun") }
            if spec.overrides != nil { check.add("spec.overrides", "goes with fromRun, which is not set") }
        case (nil, .some):
            if spec.trigger != .clone { check.add("spec.trigger", "must be Clone, or not set, where fromRun is set") }
            checkName(&check)
        }
        return check.problems
    }

    private func checkName(_ check: inout SpecCheck) {
        let name = metadata.name
        if name.utf8.count > Naming.maximumLabelValue {
            check.add(
                "metadata.name",
                "'\(name)' has \(name.utf8.count) characters; at most \(Naming.maximumLabelValue) are allowed"
            )
        }
        if Naming.isKept(name, forRunsOf: spec.pipelineRef.name) {
            check.add("metadata.name", "'\(name)' is kept for the pipeline's own runs; choose another name")
        }
    }
}
