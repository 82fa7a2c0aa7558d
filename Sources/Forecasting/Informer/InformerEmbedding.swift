// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Tensor

/// Rows of numbers with the marks of their times.
struct MarkedSequence {
    /// [batch, time, columns].
    let values: Tensor
    /// [batch, time, marks].
    let marks: Tensor
}

/// Values, places and times as vectors of the model's width.
struct InformerEmbedding {
    private let values: LinearMap
    private let times: LinearMap?
    private let tables: [Tensor]
    private let positions: Tensor

    init(_ scope: ParameterScope, _ configuration: InformerConfiguration, columns: Int, length: Int) {
        let width = configuration.dModel
        // Kaiming normal for a leaky ReLU of slope 0.01.
        let deviation = (2 / (1.0001 * Float(3 * columns))).squareRoot()
        let embedding = scope.scope("value_embedding")
        values = embedding.convolution("tokenConv", inputs: columns, outputs: width, .normal(deviation: deviation))
        let temporal = scope.scope("temporal_embedding")
        switch configuration.embedding {
        case .timeFeatures:
            times = temporal.linear(["embed"], inputs: configuration.marks, outputs: width)
            tables = []
        case .learned:
            times = nil
            tables = InformerConfiguration.tables.prefix(configuration.marks).map { name, size in
                let name = "\(temporal.path).\(name)_embed.weight"
                return scope.set.add([ParameterPiece(name, [size, width], .normal(deviation: 1))])
            }
        case .fixed:
            times = nil
            tables = InformerConfiguration.tables.prefix(configuration.marks).map { name, size in
                let table = Initializer.table(Self.sines(size, width))
                return scope.set.addBuffer(
                    ParameterPiece("\(temporal.path).\(name)_embed.emb.weight", [size, width], table)
                )
            }
        }
        positions = values.weight.engine.tensor(Self.sines(length, width), [length, width])
    }

    func callAsFunction(_ sequence: MarkedSequence, _ pass: InformerPass) -> Tensor {
        let embedded = sequence.values.convolution(values.weight, values.bias, .circular) + positions
        guard let times else {
            let summed = tables.indices.reduce(embedded) { sum, mark in
                let column = sequence.marks.narrowed(2, mark..<(mark + 1))
                return sum + tables[mark].rows(at: column.truncatedToIndices(Array(column.sizes.dropLast())))
            }
            return summed.dropout(pass.dropout)
        }
        return (embedded + times(sequence.marks)).dropout(pass.dropout)
    }

    /// Sines in even and cosines in odd columns, of frequencies 10000^(-2i / width) (A. Vaswani et al. 2017).
    static func sines(_ length: Int, _ width: Int) -> [Float] {
        let frequencies = stride(from: 0, to: width, by: 2).map { even in
            exp(Float(even) * Float(-log(10_000.0) / Double(width)))
        }
        return (0..<length).flatMap { place in
            (0..<width).map { column in
                let angle = Float(place) * frequencies[column / 2]
                return column % 2 == 0 ? sin(angle) : cos(angle)
            }
        }
    }
}
