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
# The same with nothing measured of the GPUs or their hosts: what to expect of one that configs/latency has no file for.
# The logs of h100-vllm-0.15 have a part in the usual step, so that they would be no predictions
dotnet run --project src/ServingSim.Cli -c Release --no-build -- accuracy \
  configs/accuracy/{mlenergy-vllm,rtxpro6000-vllm-0.19,silicon-vllm}.yaml \
  --set cluster.pools.main.latency=roofline --data "$work" --quiet --out "$work/unmeasured"
mkdir -p docs
{
  echo '<!-- Written by tools/accuracy.sh -->'
  echo
  echo "Scored on $(date -u +%F)."
  echo
  sed '/^## By group/,$d' "$work/out/accuracy.md"
  echo '## As if nobody had measured the GPUs'
  echo
  echo 'The cases of mlenergy-vllm, rtxpro6000-vllm-0.19 and silicon-vllm with the data sheet'"'"'s'
  echo 'roofline and the usual host in place of what was fitted to their GPUs.'
  echo
  grep -m 2 -A 1 '^| group' "$work/unmeasured/accuracy.md" | head -n 2
  sed -n '/^## By group/,/^## By case/p' "$work/unmeasured/accuracy.md" | grep '^| all predictions'
  echo
  sed -n '/^## By group/,$p' "$work/out/accuracy.md"
} >docs/accuracy.md
cp "$work/out/accuracy.png" docs/accuracy.png
