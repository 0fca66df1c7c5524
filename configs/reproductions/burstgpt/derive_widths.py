#!/usr/bin/env python3
"""Derives how far generated rows may be off, of failures and arrivals, from what chance does with the models.

    for seed in 2 3 4 5 6 7 8 9 10 11 12; do
      servingsim reproduce burstgpt failures failures-by-load arrivals --seed $seed --out seeds/$seed; done
    python3 configs/reproductions/burstgpt/derive_widths.py seeds/*/numbers.csv

The width of a number is Student's t of 95 % times the standard deviation over the seeds times sqrt(1 + 1 / seeds),
as a share of the published number: as near to the models' own mean nineteen in twenty further seeds come. A published
number beyond it is one that the model does not have, whatever the seed. Rewrites 'generated' of each number in those
figures' files; a number that does not change from seed to seed has none.
"""

import collections
import csv
import pathlib
import re
import statistics
import sys
import textwrap

HERE = pathlib.Path(__file__).parent
FIGURES = ["failures", "failures-by-load", "arrivals"]
# Student's t of 95 %, two-sided, by degrees of freedom
T = {1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36, 8: 2.31, 9: 2.26, 10: 2.23, 11: 2.20, 12: 2.18,
     13: 2.16, 14: 2.14, 15: 2.13}


def widths(files):
    values, published = collections.defaultdict(list), {}
    for file in files:
        with open(file, encoding="utf-8") as text:
            for row in csv.DictReader(text):
                if row["published"] and row["ours"]:
                    values[row["figure"], row["number"]].append(float(row["ours"]))
                    published[row["figure"], row["number"]] = float(row["published"])
    for key, ours in values.items():
        n = len(ours)
        if n > 1 and published[key]:
            yield key, T[n - 1] * statistics.stdev(ours) * (1 + 1 / n) ** .5 / abs(published[key])


def main(files):
    found = dict(widths(files))
    for figure in FIGURES:
        path = HERE / f"{figure}.yaml"

        def rewritten(match):
            entry = re.sub(r",?\s*generated: [\d.]+", "", re.sub(r"\s+", " ", match.group(0)).strip())
            width = found.get((figure, re.search(r'number: "([^"]*)"', entry).group(1)), 0)
            if width >= 5e-4:
                keys = re.search(r", (data|fitted): ", entry)
                at = keys.start() if keys else len(entry) - 2
                entry = f"{entry[:at]}, generated: {float(f'{width:.2g}'):g}{entry[at:]}"
            whole = entry.replace(": ", ":\u00a0").replace(" }", "\u00a0}")
            return textwrap.fill(whole, 119, initial_indent="  ", subsequent_indent="      ",
                                 break_on_hyphens=False).replace("\u00a0", " ") + "\n"

        path.write_text(re.sub(r"  - \{ number: (?:[^}]*)\}\n", rewritten, path.read_text(encoding="utf-8")),
                        encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1:])
