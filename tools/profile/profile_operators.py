#!/usr/bin/env python3
"""Measures a GPU's operators over a grid and writes the CSV file that the latency model `table` reads.

Needs PyTorch and nothing else. One process measures matrix products, attention and launches in some minutes:

    python profile_operators.py --out operators.csv

All-reduces need one process a GPU; their rows are added to the same file:

    torchrun --nproc-per-node 8 profile_operators.py --all-reduce --out operators.csv
"""

import argparse
import csv
import os
import statistics
import time

import torch
import torch.nn.functional as F

COLUMNS = [
    "operator", "dtype", "gpus", "m", "n", "k", "batch", "tokens", "heads", "kv_heads", "head_dim", "bytes", "ms",
]

# Widths of common models and their shards; a product between two of them is interpolated
WIDTHS = [512, 1024, 2048, 4096, 5120, 8192, 14336, 28672]
TOKENS = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192]
HEADS = [(1, 4), (1, 8), (2, 8), (4, 16), (8, 32), (8, 64), (32, 32)]
PROMPTS = [16, 128, 512, 1024, 2048, 4096, 8192, 16384]
CONTEXTS = [16, 128, 512, 1024, 2048, 4096, 8192, 16384, 32768]
BATCHES = [1, 4, 16, 64, 128, 256]
MESSAGES = [2**power for power in range(10, 29)]


class Grid:
    """What is measured: all of it, or on a processor just enough to see that the program works."""

    def __init__(self, dry_run):
        self.widths = [32, 64] if dry_run else WIDTHS
        self.tokens = [1, 8] if dry_run else TOKENS
        self.heads = [(1, 2)] if dry_run else HEADS
        self.prompts = [8, 16] if dry_run else PROMPTS
        self.contexts = [8, 16] if dry_run else CONTEXTS
        self.batches = [1, 2] if dry_run else BATCHES
        self.messages = [1024, 4096] if dry_run else MESSAGES
        self.repeats = 2 if dry_run else 20
        self.device = "cpu" if dry_run else "cuda"
        self.dtype = torch.float32 if dry_run else torch.bfloat16


def measured_ms(grid, run):
    """The median time of a call, in ms: by events around its CUDA graph, which has no launch gaps, or by the clock."""
    run()
    if grid.device == "cpu":
        times = []
        for _ in range(grid.repeats):
            start = time.perf_counter()
            run()
            times.append((time.perf_counter() - start) * 1e3)
        return statistics.median(times)

    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    times = []
    for _ in range(grid.repeats):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        graph.replay()
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end))
    return statistics.median(times)


def gemms(grid):
    """Products of m tokens with an n x k weight."""
    for n in grid.widths:
        for k in grid.widths:
            weight = torch.randn(n, k, device=grid.device, dtype=grid.dtype)
            for m in grid.tokens:
                tokens = torch.randn(m, k, device=grid.device, dtype=grid.dtype)
                yield {"operator": "gemm", "m": m, "n": n, "k": k,
                       "ms": measured_ms(grid, lambda: F.linear(tokens, weight))}


def attention_ms(grid, batch, heads, kv_heads, head_dim, queries, keys, causal):
    """Attention of a batch; None where it does not fit the memory."""
    try:
        q = torch.randn(batch, heads, queries, head_dim, device=grid.device, dtype=grid.dtype)
        k = torch.randn(batch, kv_heads, keys, head_dim, device=grid.device, dtype=grid.dtype)
        v = torch.randn_like(k)
        return measured_ms(
            grid, lambda: F.scaled_dot_product_attention(q, k, v, is_causal=causal, enable_gqa=heads != kv_heads))
    except torch.OutOfMemoryError:
        torch.cuda.empty_cache()
        return None


def attentions(grid, head_dim):
    """Prompts without context, and decodes of one query each."""
    for kv_heads, heads in grid.heads:
        for operator, sizes in (("prefill_attention", grid.prompts), ("decode_attention", grid.contexts)):
            is_prefill = operator == "prefill_attention"
            for tokens in sizes:
                for batch in [b for b in grid.batches if b * tokens <= (2**17 if is_prefill else 2**21)]:
                    ms = attention_ms(
                        grid, batch, heads, kv_heads, head_dim, tokens if is_prefill else 1, tokens, is_prefill)
                    if ms is not None:
                        yield {"operator": operator, "batch": batch, "tokens": tokens, "heads": heads,
                               "kv_heads": kv_heads, "head_dim": head_dim, "ms": ms}


def launch(grid):
    """A kernel that does next to nothing."""
    one = torch.zeros(1, device=grid.device)
    return {"operator": "launch", "ms": measured_ms(grid, lambda: one.add_(1))}


def all_reduces(grid):
    """All-reduces over 2, 4, 8 ... of the processes; every process takes part in making each group."""
    torch.distributed.init_process_group("gloo" if grid.device == "cpu" else "nccl")
    rank, world = torch.distributed.get_rank(), torch.distributed.get_world_size()
    if grid.device != "cpu":
        torch.cuda.set_device(rank % torch.cuda.device_count())
    gpus = 2
    while gpus <= world:
        group = torch.distributed.new_group(list(range(gpus)))
        for size in grid.messages if rank < gpus else []:
            message = torch.zeros(size // grid.dtype.itemsize, device=grid.device, dtype=grid.dtype)
            torch.distributed.barrier(group)
            ms = measured_ms(grid, lambda: torch.distributed.all_reduce(message, group=group))
            if rank == 0:
                yield {"operator": "all_reduce", "gpus": gpus, "bytes": size, "ms": ms}
        gpus *= 2
    torch.distributed.destroy_process_group()


def write(path, rows, dtype, adds):
    """Writes rows as they come; those of all-reduces join an earlier file."""
    joins = adds and os.path.exists(path)
    with open(path, "a" if joins else "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if not joins:
            writer.writeheader()
        for row in rows:
            # Columns that an operator does not have are 0
            full = {column: 0 for column in COLUMNS} | {"dtype": str(dtype).removeprefix("torch.")} | row
            writer.writerow(full | {"ms": f"{row['ms']:.6g}"})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, help="the CSV file to write")
    parser.add_argument("--all-reduce", action="store_true", help="measure all-reduces, under torchrun")
    parser.add_argument("--head-dim", type=int, default=128, help="width of an attention head")
    parser.add_argument("--dry-run", action="store_true", help="a tiny grid on the processor, to see the format")
    options = parser.parse_args()
    grid = Grid(options.dry_run)
    if options.all_reduce:
        rows = all_reduces(grid)
        if int(os.environ.get("RANK", "0")) > 0:
            # Only the first process writes; the others take part
            list(rows)
            return
    else:
        rows = (row for part in (gemms(grid), attentions(grid, options.head_dim), [launch(grid)]) for row in part)
    with torch.inference_mode():
        write(options.out, rows, grid.dtype, options.all_reduce)


if __name__ == "__main__":
    main()
