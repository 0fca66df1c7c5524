#!/usr/bin/env python3
"""Derives burstgpt3-conversation, a joint length table, from published numbers; there are no rows to read.

    python3 configs/lengths/derive_published.py

Prompts and outputs of BurstGPT_3's conversations have the quantiles of PROMPT and OUTPUT, straight lines between them.
Those marked published are of all its rows, failed ones (0.8 %) included; the others are ours, chosen so that the means
are the published ones. Prompts and outputs are tied by a Gaussian copula whose correlation RHO gives the published
Pearson correlation: a range of prompts is a part of the normal distribution, its outputs are those that the copula
puts there.
"""

import pathlib
import statistics
import textwrap

# (probability, tokens, published)
PROMPT = [(0, 8, False), (.25, 132, False), (.5, 517, True), (.75, 1000, False), (.9, 2354, True), (.95, 3300, False),
          (.99, 5630, True), (.999, 10000, False), (.9999, 30000, False), (1, 71197, True)]
OUTPUT = [(0, 1, False), (.25, 50, False), (.5, 187, True), (.75, 350, False), (.9, 669, True), (.99, 1067, True),
          (.999, 1500, False), (1, 5383, False)]
MEANS = (953, 272)
CORRELATION = 0.438
EDGES = [0, .06, .12, .18, .25, .31, .37, .43, .5, .56, .62, .68, .75, .8, .85, .9, .925, .95, .97, .99, .995, .999,
         .9999, 1]
OUTPUT_PROBABILITIES = [0, .01, .03, .06, .1, .15, .2, .3, .4, .5, .6, .7, .78, .83, .87, .9, .92, .94, .95, .96, .97, .975,
                        .98, .985, .99, .9925, .995, .9975, .999, .9997, 1]
PARTS = 400
NORMAL = statistics.NormalDist()


def curve(table, unit):
    for (low, first, _), (high, last, _) in zip(table, table[1:]):
        if unit <= high:
            return first + (last - first) * (unit - low) / (high - low)


def mean(table):
    return sum((b - a) * (x + y) / 2 for (a, x, _), (b, y, _) in zip(table, table[1:]))


def outputs(low, high, rho):
    """Output tokens of prompts between two probabilities, in ascending order."""
    values = []
    for i in range(20):
        z = NORMAL.inv_cdf(low + (high - low) * (i + .5) / 20)
        values += [curve(OUTPUT, NORMAL.cdf(rho * z + (1 - rho * rho) ** .5 * NORMAL.inv_cdf((j + .5) / PARTS)))
                   for j in range(PARTS)]
    return sorted(values)


def bins(rho):
    tokens = [round(curve(PROMPT, e)) for e in EDGES]
    for i, (low, high) in enumerate(zip(EDGES, EDGES[1:])):
        last = tokens[i + 1] - (0 if high == 1 else 1)
        yield tokens[i], last, high - low, outputs(low, high, rho)


def moments(made):
    """Mean prompt, mean output, Pearson's correlation, prompts of a range being equally likely."""
    p = sum(w * (a + b) / 2 for a, b, w, _ in made)
    pp = sum(w * ((a + b) ** 2 / 4 + ((b - a + 1) ** 2 - 1) / 12) for a, b, w, _ in made)
    o = sum(w * statistics.fmean(v) for _, _, w, v in made)
    oo = sum(w * statistics.fmean(x * x for x in v) for _, _, w, v in made)
    po = sum(w * (a + b) / 2 * statistics.fmean(v) for a, b, w, v in made)
    return p, o, (po - p * o) / ((pp - p * p) * (oo - o * o)) ** .5


def numbers(key, values, indent=""):
    line = f"{indent}{key}: [{', '.join(f'{v:g}' for v in values)}]"
    return textwrap.fill(line, 120, subsequent_indent=indent + "  ") + "\n"


def told(table):
    return ", ".join(f"{p:g}: {t}" for p, t, published in table if published), \
        ", ".join(f"{p:g}: {t}" for p, t, published in table if not published)


def main():
    low, high = 0.0, 0.99
    for _ in range(12):
        rho = (low + high) / 2
        made = list(bins(rho))
        low, high = (rho, high) if moments(made)[2] < CORRELATION else (low, rho)
    (prompt, prompt_ours), (output, output_ours) = told(PROMPT), told(OUTPUT)
    source = (f"BurstGPT (Wang et al., KDD'25, CC BY 4.0), BurstGPT_3.csv, conversation rows, both models together: "
              f"published are of prompts the quantiles {prompt} and the mean {MEANS[0]}, of outputs {output} and the "
              f"mean {MEANS[1]}, and their correlation {CORRELATION}. Ours, interpolated so that the means fit, are of "
              f"prompts {prompt_ours}, of outputs {output_ours} (the last is the greatest of all services). Tied by a "
              f"Gaussian copula of {rho:.3f}, chosen to give the correlation.")
    text = ("# Prompt and output tokens together: prompt ranges, each with its own output quantiles.\n"
            "# Written by derive_published.py from published numbers, not from rows.\nsource: >-\n"
            + textwrap.fill(source, 118, initial_indent="  ", subsequent_indent="  ") + "\n"
            + numbers("output_probabilities", OUTPUT_PROBABILITIES) + "bins:\n")
    for first, last, weight, values in made:
        text += f"  - min_prompt_tokens: {first}\n    max_prompt_tokens: {last}\n    weight: {weight:.4g}\n"
        text += numbers("output_tokens", [round(values[min(int(q * len(values)), len(values) - 1)])
                                          for q in OUTPUT_PROBABILITIES], "    ")
    (pathlib.Path(__file__).parent / "burstgpt3-conversation.yaml").write_text(text, encoding="utf-8")
    print("means of the curves %.1f and %.1f; of the table %.1f, %.1f, correlation %.3f"
          % (mean(PROMPT), mean(OUTPUT), *moments(made)))


if __name__ == "__main__":
    main()
