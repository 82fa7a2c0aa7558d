# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Writes operations.safetensors beside itself: what PyTorch computes for each operation of the engine, and its gradients.

A case is a function of some operands. The file holds, for the case NAME: NAME/operand.i, NAME/result, NAME/weight (what
the result is multiplied with and summed up, for the way back) and NAME/gradient.i. README.md says how to run it.
"""

import pathlib
import zlib

import torch
from safetensors.numpy import save_file
from torch import nn
from torch.nn import functional

FILE = pathlib.Path(__file__).resolve().parent / "operations.safetensors"


def swapped(operation):
    """An operation on [batch, channels, time], for operands that are [batch, time, channels]."""
    return lambda x, *rest: operation(x.transpose(1, 2), *rest).transpose(1, 2)


def convolution(taps, circular=0, left=0, right=0, **settings):
    """Filters are [out, taps * in] in the engine, [out, in, taps] in PyTorch."""

    def run(x, weight, bias):
        filters = weight.reshape(weight.shape[0], taps, -1).transpose(1, 2)
        mode = {"pad": (circular, circular), "mode": "circular"} if circular else {"pad": (left, right)}
        return functional.conv1d(functional.pad(x, **mode), filters, bias, **settings)

    return swapped(run)


def recurrent(kind, with_cell):
    def run(x, weight_input, weight_hidden, bias_input, bias_hidden, *state):
        network = kind(x.shape[2], weight_hidden.shape[1], batch_first=True)
        names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
        values = dict(zip(names, [weight_input, weight_hidden, bias_input, bias_hidden]))
        given = tuple(each.unsqueeze(0) for each in state)
        output, last = torch.func.functional_call(network, values, (x, given if with_cell else given[0]))
        # The engine has the cell after each step, PyTorch the last one.
        return torch.cat([output.flatten(), last[1].flatten()]) if with_cell else output

    return run


def batch_norm(training):
    def run(x, weight, bias):
        mean, variance = torch.full([x.shape[1]], 0.3), torch.full([x.shape[1]], 2.0)
        return functional.batch_norm(x, mean, variance, weight, bias, training=training)

    return swapped(run)


def attention(heads, causal):
    def run(x):
        batch, time, width = x.shape
        q, k, v = (part.reshape(batch, time, heads, -1).transpose(1, 2) for part in x.chunk(3, 2))
        result = functional.scaled_dot_product_attention(q, k, v, is_causal=causal)
        return result.transpose(1, 2).reshape(batch, time, width // 3)

    return run


def quantile_loss(x, truth):
    error = truth.unsqueeze(-1) - x
    quantiles = torch.tensor([0.1, 0.5, 0.9])
    return torch.maximum(quantiles * error, (quantiles - 1) * error).mean()


def masked_softmax(function):
    mask = torch.tensor([[1, 1, 0, 1, 0], [0, 0, 1, 0, 0], [1, 1, 1, 1, 1]], dtype=torch.bool)
    return lambda x: function(x.masked_fill(~mask, -torch.inf), dim=-1).masked_fill(~mask, 0)


INDICES = torch.tensor([[1, 3, 1], [0, 2, 0]])
NETWORK_STATE = [[2, 4], [2, 4]]

# name: (sizes of the operands, function)
CASES = {
    "relu": ([[3, 21]], functional.relu),
    "gelu": ([[3, 21]], functional.gelu),
    "geluTanh": ([[3, 21]], lambda x: functional.gelu(x, approximate="tanh")),
    "elu": ([[3, 21]], functional.elu),
    "sigmoid": ([[3, 21]], torch.sigmoid),
    "tanh": ([[3, 21]], torch.tanh),
    "silu": ([[3, 21]], functional.silu),
    "softplus": ([[3, 21]], functional.softplus),
    "exp": ([[3, 21]], torch.exp),
    "log of an exponential": ([[3, 21]], lambda x: torch.log(torch.exp(x))),
    "root of a square": ([[3, 21]], lambda x: torch.sqrt(torch.square(x))),
    "glu": ([[3, 8]], functional.glu),
    "softmax": ([[3, 19]], lambda x: torch.softmax(x, -1)),
    "log softmax": ([[3, 19]], lambda x: torch.log_softmax(x, -1)),
    "masked softmax": ([[3, 5]], masked_softmax(torch.softmax)),
    "layer norm": ([[2, 3, 24], [24], [24]], lambda x, w, b: functional.layer_norm(x, [24], w, b)),
    "batch norm of a batch": ([[4, 5, 3], [3], [3]], batch_norm(True)),
    "batch norm by statistics": ([[4, 5, 3], [3], [3]], batch_norm(False)),
    "linear": ([[2, 3, 5], [4, 5], [4]], functional.linear),
    "products of repeated matrices": ([[3, 1, 2, 5], [4, 5, 3]], torch.matmul),
    "products of transposed matrices": ([[3, 5, 2], [3, 4, 5]], lambda a, b: a.transpose(1, 2) @ b.transpose(1, 2)),
    "convolution": ([[2, 11, 3], [4, 9], [4]], convolution(3)),
    "convolution, stride and zeros": ([[2, 11, 3], [4, 15], [4]], convolution(5, left=2, right=2, stride=3)),
    "convolution, dilated": ([[2, 11, 3], [4, 9], [4]], convolution(3, left=2, right=2, dilation=2)),
    "convolution, circular": ([[2, 7, 3], [4, 9], [4]], convolution(3, circular=1)),
    "convolution, causal": ([[2, 7, 3], [4, 9], [4]], convolution(3, left=4, dilation=2)),
    "patches": ([[2, 3, 10]], lambda x: functional.pad(x, (0, 2), mode="replicate").unfold(2, 4, 2)),
    "max pool": ([[2, 9, 3]], swapped(lambda x: functional.max_pool1d(x, 3, 2, 1))),
    "max pool, wide": ([[2, 13, 3]], swapped(lambda x: functional.max_pool1d(x, 5, 4, 2))),
    "average pool": ([[2, 9, 3]], swapped(lambda x: functional.avg_pool1d(x, 3, 2, 1))),
    "embedding": ([[5, 3]], lambda x: functional.embedding(INDICES, x)),
    "gather": ([[2, 4, 3]], lambda x: torch.gather(x, 1, INDICES.unsqueeze(2).expand(2, 3, 3))),
    "scatter": (
        [[2, 3, 4]],
        lambda x: torch.zeros(2, 5, 4).scatter_add(1, INDICES.unsqueeze(2).expand(2, 3, 4), x),
    ),
    "largest": ([[3, 9]], lambda x: torch.topk(x, 3).values),
    "running sum": ([[2, 5, 3]], lambda x: torch.cumsum(x, 1)),
    "sum": ([[2, 5, 3]], lambda x: x.sum(1)),
    "variance": ([[2, 5, 3]], lambda x: x.var(1, unbiased=False)),
    "unbiased variance": ([[2, 5, 3]], lambda x: x.var(2)),
    "maximum": ([[2, 5, 3]], lambda x: x.amax(1)),
    "minimum": ([[2, 5, 3]], lambda x: x.amin(0)),
    "concatenation": ([[2, 1, 3], [2, 4, 3]], lambda a, b: torch.cat([a, b], 1)),
    "full attention": ([[2, 7, 24]], attention(2, False)),
    "causal attention": ([[2, 7, 24]], attention(2, True)),
    "lstm": ([[2, 5, 3], [16, 3], [16, 4], [16], [16], *NETWORK_STATE], recurrent(nn.LSTM, True)),
    "gru": ([[2, 5, 3], [12, 3], [12, 4], [12], [12], [2, 4]], recurrent(nn.GRU, False)),
    "mse": ([[3, 4], [3, 4]], lambda x, y: functional.mse_loss(x, y.detach())),
    "mae": ([[3, 4], [3, 4]], lambda x, y: functional.l1_loss(x, y.detach())),
    "huber": ([[3, 4], [3, 4]], lambda x, y: functional.huber_loss(x, y.detach())),
    "quantile loss": ([[2, 4, 3], [2, 4]], quantile_loss),
    "gaussian loss": (
        [[3, 4], [3, 4], [3, 4]],
        lambda x, v, y: functional.gaussian_nll_loss(x, y, functional.softplus(v)),
    ),
}


def run_case(name, sizes, function, tensors):
    # A seed of the name's own, so that a new case leaves the others as they are.
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    operands = [(2 * torch.randn(each, generator=generator)).requires_grad_() for each in sizes]
    result = function(*operands)
    weight = torch.randn(result.shape, generator=generator)
    (result * weight).sum().backward()
    for index, operand in enumerate(operands):
        tensors[f"{name}/operand.{index}"] = operand
        if operand.grad is not None:
            tensors[f"{name}/gradient.{index}"] = operand.grad
    tensors[f"{name}/result"] = result
    tensors[f"{name}/weight"] = weight


def run_optimiser(name, make, clip, tensors):
    """Twenty steps down a valley whose gradients are sometimes long."""
    generator = torch.Generator().manual_seed(1)
    weight = torch.randn([6], generator=generator).requires_grad_()
    tensors[f"{name}/operand.0"] = weight.detach().clone()
    optimiser = make([weight])
    for _ in range(20):
        optimiser.zero_grad()
        weight.pow(2).mul(torch.arange(1.0, 7.0)).sum().backward()
        clip([weight])
        optimiser.step()
    tensors[f"{name}/result"] = weight


def run_schedule(name, make, tensors):
    """The rates of thirty steps."""
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    schedule = make(optimiser)
    rates = []
    for _ in range(30):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    tensors[f"{name}/result"] = torch.tensor(rates)


def main():
    torch.set_num_threads(1)
    tensors = {}
    for name, (sizes, function) in CASES.items():
        run_case(name, sizes, function, tensors)
    by_norm = lambda weights: nn.utils.clip_grad_norm_(weights, 2.0)
    by_value = lambda weights: nn.utils.clip_grad_value_(weights, 1.5)
    optim, rates = torch.optim, torch.optim.lr_scheduler
    run_optimiser("adam", lambda w: optim.Adam(w, lr=0.1), lambda w: None, tensors)
    run_optimiser("adamw, norm", lambda w: optim.AdamW(w, lr=0.1, weight_decay=0.2), by_norm, tensors)
    run_optimiser("momentum, value", lambda w: optim.SGD(w, lr=0.02, momentum=0.9), by_value, tensors)
    run_schedule("step schedule", lambda o: rates.StepLR(o, 7, 0.3), tensors)
    run_schedule("exponential schedule", lambda o: rates.ExponentialLR(o, 0.9), tensors)
    run_schedule("cosine schedule", lambda o: rates.CosineAnnealingLR(o, 29, eta_min=0.05), tensors)
    rise = lambda o: rates.LinearLR(o, start_factor=1 / 5, end_factor=1, total_iters=4)
    run_schedule("warm-up schedule", rise, tensors)
    arrays = {name: value.detach().contiguous().numpy() for name, value in tensors.items()}
    save_file(arrays, FILE, {"made with": f"torch {torch.__version__}"})
    print(f"{FILE}: {len(arrays)} tensors, {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
