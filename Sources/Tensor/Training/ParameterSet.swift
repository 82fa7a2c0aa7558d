// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How a parameter begins.
package enum Initializer: Sendable {
    /// All elements equal.
    case constant(Float)
    /// Uniform in -bound..<bound.
    case uniform(bound: Float)
    /// Normal with mean 0.
    case normal(deviation: Float)
    /// Given elements, as in files.
    case table([Float])
}

/// A parameter as files know it.
package struct ParameterPiece: Sendable {
    let name: String
    let sizes: [Int]
    let initializer: Initializer
    /// Whether files hold [out, in, taps] where the engine holds [out, taps * in].
    let swapsTaps: Bool

    /// Describes a parameter; `swapsTaps` for the filters of a convolution, which files hold as [out, in, taps].
    package init(_ name: String, _ sizes: [Int], _ initializer: Initializer, swapsTaps: Bool = false) {
        self.name = name
        self.sizes = sizes
        self.initializer = initializer
        self.swapsTaps = swapsTaps
    }

    var count: Int { sizes.reduce(1, *) }

    /// Elements in the engine's order, from those of a file.
    func imported(_ elements: [Float]) -> [Float] {
        swapsTaps ? Self.swapped(elements, sizes[0], sizes[1], sizes[2]) : elements
    }

    /// Elements in a file's order, from those of the engine.
    func exported(_ elements: [Float]) -> [Float] {
        swapsTaps ? Self.swapped(elements, sizes[0], sizes[2], sizes[1]) : elements
    }

    /// [blocks, rows, columns] as [blocks, columns, rows].
    private static func swapped(_ elements: [Float], _ blocks: Int, _ rows: Int, _ columns: Int) -> [Float] {
        var result = elements
        for block in 0..<blocks {
            let base = block * rows * columns
            for row in 0..<rows {
                for column in 0..<columns {
                    result[base + column * rows + row] = elements[base + row * columns + column]
                }
            }
        }
        return result
    }
}

/// A parameter's name, sizes and elements, as files hold them.
package struct NamedElements: Sendable {
    package let name: String
    package let sizes: [Int]
    package let elements: [Float]

    package init(name: String, sizes: [Int], elements: [Float]) {
        self.name = name
        self.sizes = sizes
        self.elements = elements
    }
}

/// The parameters of a model in one buffer, their gradients in another, and its other state beside them.
///
/// One buffer makes the optimiser one loop, and lets parameters that are used together be one matrix.
package final class ParameterSet {
    private struct Entry {
        let piece: ParameterPiece
        let place: Range<Int>
    }

    private struct Buffer {
        let piece: ParameterPiece
        let tensor: Tensor
    }

    private let engine: Engine
    private let trainable: Bool
    /// Whose values these are; nil for its own.
    private let original: ParameterSet?
    private var entries: [Entry] = []
    private var buffers: [Buffer] = []
    private var used = 0
    /// What stands beside the weights of a set for inference, in the order of adding; nil where nothing does.
    private var packed: [PackedMatrix?] = []
    /// All parameters, one after the other.
    package let values: Tensor
    /// Their gradients; a single element where they are not trainable.
    package let gradients: Tensor

    /// A set to which exactly `count` elements will be added; without gradients where it is for inference only.
    package init(engine: Engine, count: Int, trainable: Bool = true) {
        self.engine = engine
        self.trainable = trainable
        original = nil
        values = engine.filled(0, [count])
        gradients = engine.filled(0, [trainable ? count : 1])
    }

    /// A set of the same values for another engine, with gradients of its own where they are trained.
    ///
    /// The same parameters are to be added in the same order; what becomes of the original's values happens to these.
    package init(replicating original: ParameterSet, engine: Engine) {
        self.engine = engine
        self.original = original
        trainable = original.trainable
        values = original.values.replicated(on: engine)
        gradients = engine.filled(0, original.gradients.sizes)
    }

    /// The number of trained elements so far.
    package var count: Int { used }

    /// Adds parameters stacked along their first axis, and begins them from the engine's random numbers.
    ///
    /// - Returns: [n], or [n, m] for parameters of more axes.
    package func add(_ pieces: [ParameterPiece]) -> Tensor {
        let start = used
        var leading = 0
        for piece in pieces {
            let place = used..<(used + piece.count)
            precondition(place.upperBound <= values.count, "parameters: '\(piece.name)' exceeds \(values.count)")
            entries.append(Entry(piece: piece, place: place))
            if original == nil { values.narrowed(0, place).write(piece.imported(initial(piece))) }
            used = place.upperBound
            leading += piece.sizes[0]
        }
        let sizes = pieces[0].sizes.count == 1 ? [leading] : [leading, (used - start) / leading]
        let view = values.narrowed(0, start..<used).reshaped(sizes)
        guard trainable else {
            // A replica reads what the original has packed.
            view.packed = original.map { $0.packed[packed.count] } ?? PackedMatrix(view)
            packed.append(view.packed)
            return view
        }
        return Tensor(
            engine: engine,
            storage: view.storage,
            layout: view.layout,
            needsGradient: true,
            pinnedGradient: gradients.narrowed(0, start..<used).reshaped(sizes)
        )
    }

    /// Adds a tensor that is stored with the parameters and not trained.
    package func addBuffer(_ piece: ParameterPiece) -> Tensor {
        let tensor =
            original?.buffers[buffers.count].tensor.replicated(on: engine)
            ?? engine.tensor(piece.imported(initial(piece)), piece.sizes)
        buffers.append(Buffer(piece: piece, tensor: tensor))
        return tensor
    }

    private func initial(_ piece: ParameterPiece) -> [Float] {
        switch piece.initializer {
        case .constant(let value): [Float](repeating: value, count: piece.count)
        case .uniform(let bound): engine.random.uniform(piece.count).map { (2 * $0 - 1) * bound }
        case .normal(let deviation): engine.random.normal(piece.count).map { $0 * deviation }
        case .table(let elements): elements
        }
    }

    // MARK: State

    /// All parameters and buffers as files hold them, in the order of adding.
    package func exported() -> [NamedElements] {
        exported(values)
            + buffers.map { buffer in
                let elements = buffer.piece.exported(buffer.tensor.elements)
                return NamedElements(name: buffer.piece.name, sizes: buffer.piece.sizes, elements: elements)
            }
    }

    /// The gradients as files would hold them.
    package func exportedGradients() -> [NamedElements] { exported(gradients) }

    private func exported(_ flat: Tensor) -> [NamedElements] {
        let all = flat.elements
        return entries.map { entry in
            let elements = entry.piece.exported(Array(all[entry.place]))
            return NamedElements(name: entry.piece.name, sizes: entry.piece.sizes, elements: elements)
        }
    }

    /// Takes all parameters and buffers from stored ones.
    /// - Throws: `TensorError.parameterMissing`, `parameterShape` or `notFinite`; then some may be taken already.
    package func load(_ stored: [NamedElements]) throws(TensorError) {
        let byName = Dictionary(stored.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        func elements(_ piece: ParameterPiece) throws(TensorError) -> [Float] {
            guard let found = byName[piece.name] else { throw .parameterMissing(name: piece.name) }
            guard found.sizes == piece.sizes, found.elements.count == piece.count else {
                throw .parameterShape(name: piece.name, expected: piece.sizes, actual: found.sizes)
            }
            guard found.elements.allSatisfy(\.isFinite) else {
                throw .notFinite(operation: "parameter '\(piece.name)'")
            }
            return piece.imported(found.elements)
        }
        for entry in entries { values.narrowed(0, entry.place).write(try elements(entry.piece)) }
        for buffer in buffers { buffer.tensor.write(try elements(buffer.piece)) }
        packed.forEach { $0?.refresh() }
    }

    /// A copy of all elements, to return to.
    package func snapshot() -> [[Float]] { [values.elements] + buffers.map(\.tensor.elements) }

    /// Returns to a copy.
    package func restore(_ snapshot: [[Float]]) {
        precondition(snapshot.count == buffers.count + 1, "restore: a snapshot of another set")
        values.write(snapshot[0])
        for (buffer, elements) in zip(buffers, snapshot.dropFirst()) { buffer.tensor.write(elements) }
        packed.forEach { $0?.refresh() }
    }
}

extension Tensor {
    /// The same elements for another engine.
    fileprivate func replicated(on engine: Engine) -> Tensor {
        Tensor(engine: engine, storage: storage, layout: layout)
    }
}
