// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// The preprocessors of a panel's series do the same steps. What differs is the numbers that were fitted, which lie beside
// the weights where there are many series.
extension Preprocessor {
    /// What the names of tensors with fitted numbers begin with.
    static let tensorPrefix = "preprocessing."

    /// The numbers that were fitted, step by step.
    var numbers: [NamedTensor] {
        var result: [NamedTensor] = []
        func add(_ name: String, _ shape: [Int], _ values: NamedTensor.Values) {
            result.append(NamedTensor(name: Self.tensorPrefix + name, shape: shape, values: values))
        }
        func add(_ name: String, _ values: [Double]) { add(name, [values.count], .float64(values)) }
        if let fill {
            add("fill.means", fill.means)
            add("fill.anchor", [], .int64([fill.anchor]))
            if let length = fill.seasons.first?.count {
                add("fill.seasons", [fill.seasons.count, length], .float64(fill.seasons.flatMap(\.self)))
            }
        }
        if let clip {
            add("clip.lower", clip.lower.map { $0 ?? .nan })
            add("clip.upper", clip.upper.map { $0 ?? .nan })
        }
        if let transform { add("transform.lambdas", transform.lambdas) }
        add("scaler.means", scaler.centers)
        add("scaler.deviations", scaler.scales)
        return result
    }

    /// The same steps with other numbers, which have the shapes of this one's.
    ///
    /// Whether they fit columns and model is checked where the preprocessor is joined with these.
    /// - Throws: `ForecastingError.invalidModel` where numbers are missing, not finite or of another shape.
    func replacing(_ tensors: [NamedTensor]) throws(ForecastingError) -> Preprocessor {
        let stored = StoredNumbers(tensors: tensors)
        var result = self
        if let fill {
            let means = try stored.doubles("fill.means", [fill.means.count])
            var seasons: [[Double]] = []
            if let length = fill.seasons.first?.count {
                let cells = try stored.doubles("fill.seasons", [fill.seasons.count, length])
                seasons = fill.seasons.indices.map { Array(cells[($0 * length)..<(($0 + 1) * length)]) }
            }
            result.fill = GapFilling(means: means, seasons: seasons, anchor: try stored.integer("fill.anchor"))
        }
        if let clip {
            let lower = try stored.doubles("clip.lower", [clip.lower.count], mayBeMissing: true)
            let upper = try stored.doubles("clip.upper", [clip.upper.count], mayBeMissing: true)
            result.clip = OutlierClip(
                lower: lower.map { $0.isNaN ? nil : $0 },
                upper: upper.map { $0.isNaN ? nil : $0 }
            )
        }
        if let transform {
            let lambdas = try stored.doubles("transform.lambdas", [transform.lambdas.count])
            result.transform = PowerTransform(kind: transform.kind, lambdas: lambdas)
        }
        let centers = try stored.doubles("scaler.means", [scaler.centers.count])
        let scales = try stored.doubles("scaler.deviations", [scaler.scales.count])
        guard scales.allSatisfy({ $0 > 0 }) else { throw .invalidModel(reason: "a scale is not positive") }
        result.scaler = Scaler(kind: scaler.kind, centers: centers, scales: scales)
        return result
    }
}

/// Fitted numbers of one preprocessor, as a file holds them.
private struct StoredNumbers {
    let tensors: [NamedTensor]

    func doubles(_ name: String, _ shape: [Int], mayBeMissing: Bool = false) throws(ForecastingError) -> [Double] {
        guard case .float64(let values)? = find(name, shape),
            values.allSatisfy({ $0.isFinite || (mayBeMissing && $0.isNaN) })
        else {
            throw .invalidModel(reason: "tensor '\(Preprocessor.tensorPrefix + name)' is not F64 of \(shape), finite")
        }
        return values
    }

    func integer(_ name: String) throws(ForecastingError) -> Int64 {
        guard case .int64(let values)? = find(name, []), let value = values.first else {
            throw .invalidModel(reason: "tensor '\(Preprocessor.tensorPrefix + name)' is not I64")
        }
        return value
    }

    private func find(_ name: String, _ shape: [Int]) -> NamedTensor.Values? {
        let name = Preprocessor.tensorPrefix + name
        return tensors.first { $0.name == name && $0.shape == shape }?.values
    }
}
