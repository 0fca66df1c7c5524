#!/usr/bin/env bash
# Executes every notebook from a clean kernel, copies with their outputs going to results/notebooks; where Jupyter or a
# package of requirements.txt is not installed, says so and does nothing.
set -euo pipefail
cd "$(dirname "$0")"

nbconvert=$(command -v jupyter-nbconvert) || { echo "notebooks skipped: jupyter-nbconvert is not installed"; exit 0; }
python=$(head -n 1 "$nbconvert" | cut -c 3-)
if ! missing=$($python -c "import ipykernel, matplotlib, nbconvert, pandas" 2>&1); then
    echo "notebooks skipped: $(tail -n 1 <<< "$missing")"
    exit 0
fi

for notebook in *.ipynb; do
    jupyter-nbconvert --to notebook --execute --log-level WARN --output-dir ../results/notebooks "$notebook"
    echo "$notebook ran"
done
