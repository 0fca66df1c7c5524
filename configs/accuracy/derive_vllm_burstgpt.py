"""Prepares the logs of vLLM under scaled BurstGPT for `servingsim accuracy configs/accuracy/vllm-burstgpt.yaml`.

The logs do not tell output lengths in tokens. They follow from two things that they do tell: how many tokens a second
the engine generated and how many requests ran (every half second), and when each request got its first token and its
end. While it decodes, a request gets the engine's rate divided by the requests that run; the integral of that is its
output, from 1 to max_tokens. Arrivals are the trace's timestamps divided by the scale.

    python3 configs/accuracy/derive_vllm_burstgpt.py DATA OUT

reads DATA/vllm_burstgpt_logs and DATA/burstgpt, and writes OUT/scale-100.csv, ... with a row for every request.
"""

import csv
import pathlib
import sys
from itertools import accumulate
from bisect import bisect_right


def cumulative_tokens(rows):
    """Times, and tokens that a request which ran all the time had got by then."""
    times = [float(row["t_s"]) for row in rows]
    rates = [float(row["gen_tok_s"]) / max(1.0, float(row["running"])) for row in rows]
    steps = [0.0] + [(b - a) * rate for a, b, rate in zip(times, times[1:], rates[1:])]
    return times, list(accumulate(steps))


def tokens_at(times, cumulative, at):
    i = bisect_right(times, at) - 1
    if i < 0:
        return 0.0
    if i + 1 >= len(times):
        return cumulative[-1]
    share = (at - times[i]) / (times[i + 1] - times[i])
    return cumulative[i] + share * (cumulative[i + 1] - cumulative[i])


def main(data, out):
    logs = data / "vllm_burstgpt_logs"
    with open(data / "burstgpt" / "BurstGPT_first7days.csv", encoding="utf-8") as file:
        timestamps = [float(row["Timestamp"]) for row, _ in zip(csv.DictReader(file), range(500))]
    with open(logs / "requests.csv", encoding="utf-8") as file:
        requests = list(csv.DictReader(file))
    with open(logs / "engine_stats.csv", encoding="utf-8") as file:
        engine = list(csv.DictReader(file))
    out.mkdir(parents=True, exist_ok=True)
    for scale in dict.fromkeys(row["scale"] for row in requests):
        times, cumulative = cumulative_tokens([row for row in engine if row["scale"] == scale])
        generated = sum(
            (b - a) * float(row["gen_tok_s"])
            for a, b, row in zip(times, times[1:], [r for r in engine if r["scale"] == scale][1:]))
        first = timestamps[0] / float(scale)
        rows = []
        for row in requests:
            if row["scale"] != scale:
                continue
            arrival = timestamps[int(row["event_id"])] / float(scale) - first
            ttft, e2e = float(row["ttft_s"]), float(row["e2e_s"])
            tokens = tokens_at(times, cumulative, arrival + e2e) - tokens_at(times, cumulative, arrival + ttft)
            rows.append((arrival, int(row["prompt_tokens"]), 1 + tokens, int(row["max_tokens"]), ttft, e2e))
        rows.sort()
        factor = generated / sum(row[2] for row in rows)
        print(f"scale {scale}: {generated:.0f} tokens generated, derived lengths times {factor:.3f}")
        with open(out / f"scale-{scale}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["arrival_s", "prompt_tokens", "output_tokens", "ttft_ms", "e2el_ms"])
            for arrival, prompt, tokens, most, ttft, e2e in rows:
                writer.writerow([
                    f"{arrival:.6f}", prompt, min(most, max(1, round(tokens * factor))), f"{1e3 * ttft:.3f}",
                    f"{1e3 * e2e:.3f}"])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
