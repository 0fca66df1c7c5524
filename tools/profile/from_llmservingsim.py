"""Turns a profile of LLMServingSim (dense.csv, per_sequence.csv, attention.csv) into a table of operators.

python from_llmservingsim.py PREFIX config.json OUT.csv, where PREFIX__dense.csv.gz and so on are the files of one model
at one tensor parallelism, and config.json is the model's (hidden_size, intermediate_size, heads, head_dim, vocab_size).
Times are of single kernels as the engine runs them; chunks that follow a context and steps that mix prompts with
decodes are left out, as the table model puts them together from the others.
"""

import csv
import gzip
import json
import sys

COLUMNS = ["operator", "dtype", "gpus", "m", "n", "k", "batch", "tokens", "heads", "kv_heads", "head_dim", "bytes", "ms"]


def rows_of(path):
    with gzip.open(path, "rt", newline="") as file:
        yield from csv.DictReader(file)


def main(prefix, config, out):
    with open(config) as file:
        model = json.load(file)
    heads, kv_heads = model["num_attention_heads"], model["num_key_value_heads"]
    size = model.get("head_dim") or model["hidden_size"] // heads
    hidden, width = model["hidden_size"], model["intermediate_size"]
    products = {
        "qkv_proj": ((heads + 2 * kv_heads) * size, hidden),
        "o_proj": (hidden, heads * size),
        "gate_up_proj": (2 * width, hidden),
        "down_proj": (hidden, width),
        "lm_head": (model["vocab_size"], hidden),
    }
    rows = []
    for name, tokens in (("dense", "tokens"), ("per_sequence", "sequences")):
        for row in rows_of(f"{prefix}__{name}.csv.gz"):
            if row["layer"] in products:
                n, k = products[row["layer"]]
                rows.append({"operator": "gemm", "m": row[tokens], "n": n, "k": k, "time_us": row["time_us"]})
            elif row["layer"] == "layernorm" and row[tokens] == "1":
                rows.append({"operator": "launch", "time_us": row["time_us"]})
    for row in rows_of(f"{prefix}__attention.csv.gz"):
        shape = {"heads": heads, "kv_heads": kv_heads, "head_dim": size, "time_us": row["time_us"]}
        if row["n_decode"] == "0" and row["kv_prefill"] == "0":
            rows.append({"operator": "prefill_attention", "batch": 1, "tokens": row["prefill_chunk"]} | shape)
        elif row["prefill_chunk"] == "0":
            rows.append(
                {"operator": "decode_attention", "batch": row["n_decode"], "tokens": row["kv_decode"]} | shape)
    with open(out, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            ms = float(row.pop("time_us")) / 1e3
            writer.writerow({column: 0 for column in COLUMNS} | {"dtype": "bfloat16"} | row | {"ms": f"{ms:.6g}"})


if __name__ == "__main__":
    main(*sys.argv[1:])
