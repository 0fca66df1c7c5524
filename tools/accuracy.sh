#!/usr/bin/env bash
# Scores every file of configs/accuracy and writes docs/accuracy.md: tools/accuracy.sh DATA
# DATA is the folder of the measurements (measured/, vllm_burstgpt_logs/).
set -euo pipefail
data=$(realpath "$1")
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$data"/* "$work"
python3 configs/accuracy/derive_vllm_burstgpt.py "$data" "$work" >/dev/null
dotnet run --project src/ServingSim.Cli -c Release -- \
  accuracy configs/accuracy/*.yaml --data "$work" --in-sample --quiet --out "$work/out"
mkdir -p docs
{
  echo '<!-- Written by tools/accuracy.sh -->'
  echo
  echo "Scored on $(date -u +%F)."
  echo
  cat "$work/out/accuracy.md"
} >docs/accuracy.md
cp "$work/out/accuracy.png" docs/accuracy.png
