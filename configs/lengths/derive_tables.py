#!/usr/bin/env python3
"""Derives the length tables of this folder from rows of BurstGPT.

    python3 configs/lengths/derive_tables.py BurstGPT_first7days.csv

The file is the rows of BurstGPT_1.csv (https://github.com/HPMLL/BurstGPT, CC BY 4.0) with Timestamp < 604800.
Kept: conversation rows that succeeded (response tokens > 0).

Joint tables: prompts fall into ranges of whole tokens that hold about the rows between two PROMPT_PROBABILITIES each;
every range has the number of its rows as weight and its own quantiles of output tokens, so that long prompts keep their
longer outputs. Quantiles interpolate linearly between order statistics (rank (n - 1) p), then round to whole tokens.
"""

import csv
import hashlib
import pathlib
import sys
import textwrap

PROMPT_PROBABILITIES = [0, .04, .08, .13, .19, .25, .31, .37, .43, .49, .55, .61, .67, .73, .79, .84, .89, .93, .96,
                        .98, .99, .997]
OUTPUT_PROBABILITIES = [0, .01, .03, .06, .1, .15, .2, .3, .4, .5, .6, .7, .78, .85, .9, .93, .96, .98, .99, .995, 1]
PROBABILITIES = [0, .01, .02, .05, .1, .15, .2, .25, .3, .35, .4, .45, .5, .55, .6, .65, .7, .75, .8, .85, .9, .93, .95,
                 .97, .98, .99, .995, .999, 1]
TABLES = {"burstgpt-chatgpt-conversation": ["ChatGPT"], "burstgpt-gpt4-conversation": ["GPT-4"],
          "burstgpt-conversation": ["ChatGPT", "GPT-4"]}


def quantile(ordered, probability):
    rank = (len(ordered) - 1) * probability
    low = int(rank)
    high = min(low + 1, len(ordered) - 1)
    return int(ordered[low] + (ordered[high] - ordered[low]) * (rank - low) + 0.5)


def numbers(key, values, indent=""):
    line = f"{indent}{key}: [{', '.join(f'{v:g}' for v in values)}]"
    return textwrap.fill(line, 120, subsequent_indent=indent + "  ") + "\n"


def header(what, rows, source):
    return (f"# {what}\n# Written by derive_tables.py; BurstGPT is CC BY 4.0, Wang et al., KDD'25, "
            f"doi 10.1145/3711896.3737413.\nsource: >-\n  {source}\n  Rows kept: {rows}.\n")


def joint(pairs):
    """Ranges of prompt tokens, each (first, last, output tokens of its rows in ascending order)."""
    prompts = sorted(p for p, _ in pairs)
    firsts = sorted({prompts[int(len(prompts) * q)] for q in PROMPT_PROBABILITIES})
    lasts = [f - 1 for f in firsts[1:]] + [prompts[-1]]
    for first, last in zip(firsts, lasts):
        inside = [p for p in prompts if first <= p <= last]
        yield inside[0], inside[-1], sorted(o for p, o in pairs if first <= p <= last)


def main(path):
    content = pathlib.Path(path).read_bytes()
    rows = list(csv.DictReader(content.decode().splitlines()))
    folder = pathlib.Path(__file__).parent

    def source(models):
        return (f"BurstGPT (Wang et al., KDD'25, CC BY 4.0), BurstGPT_1.csv, {len(rows)} rows with "
                f"Timestamp < 604800 s,\n"
                f"  SHA-256 of those rows as a file {hashlib.sha256(content).hexdigest()};\n"
                f"  conversation rows of {' and '.join(models)} with response tokens > 0.")

    def lengths(models):
        return [(int(r["Request tokens"]), int(r["Response tokens"])) for r in rows
                if r["Model"] in models and r["Log Type"] == "Conversation log" and r["Response tokens"] != "0"]

    for name, models in TABLES.items():
        pairs = lengths(models)
        text = header("Prompt and output tokens together: prompt ranges, each with its own output quantiles.",
                      len(pairs), source(models))
        text += numbers("output_probabilities", OUTPUT_PROBABILITIES) + "bins:\n"
        for first, last, outputs in joint(pairs):
            text += f"  - min_prompt_tokens: {first}\n    max_prompt_tokens: {last}\n    weight: {len(outputs)}\n"
            text += numbers("output_tokens", [quantile(outputs, p) for p in OUTPUT_PROBABILITIES], "    ")
        (folder / f"{name}.yaml").write_text(text)

    both = TABLES["burstgpt-conversation"]
    for column, name in enumerate(["prompt", "output"]):
        values = sorted(pair[column] for pair in lengths(both))
        text = header(f"{name.capitalize()} tokens alone: quantiles.", len(values), source(both))
        text += numbers("probabilities", PROBABILITIES)
        text += numbers("tokens", [quantile(values, p) for p in PROBABILITIES])
        (folder / f"burstgpt-conversation-{name}.yaml").write_text(text)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
