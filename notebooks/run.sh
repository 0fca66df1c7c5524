#!/usr/bin/env bash
# Executes every notebook from a clean kernel, copies with their outputs going to results/notebooks. Where Jupyter is not
# installed, installs the packages of requirements.txt into an environment of its own; where that cannot be done, says so
# and does nothing.
set -euo pipefail
cd "$(dirname "$0")"
out=../results/notebooks

skip() { echo "notebooks skipped: $1"; exit 0; }

if ! nbconvert=$(command -v jupyter-nbconvert); then
    python3 -m venv "$out/environment" || skip "neither jupyter-nbconvert nor python3's venv is installed"
    nbconvert=$out/environment/bin/jupyter-nbconvert
    [ -x "$nbconvert" ] \
        || "$out/environment/bin/pip" install --quiet --retries 0 --timeout 20 -r requirements.txt \
        || skip "jupyter-nbconvert is not installed, and pip cannot install it"
fi

python=$(head -n 1 "$nbconvert" | cut -c 3-)
missing=$($python -c "import ipykernel, matplotlib, nbconvert, pandas" 2>&1) || skip "$(tail -n 1 <<< "$missing")"

for notebook in *.ipynb; do
    "$nbconvert" --to notebook --execute --log-level WARN --output-dir "$out" "$notebook"
    echo "$notebook ran"
done
