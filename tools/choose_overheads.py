"""Chooses what tables of kernels cannot tell: the time of a step beside its operators, and the host's.

    python3 tools/choose_overheads.py DATA [CHOICE ...]

where a CHOICE is step (or step=US), frontend, host, usual or v0, runs `servingsim accuracy` for every value of a grid and prints, for each choice, the value with the least mean size of the
error over the runs that it may see (of equal ones the least). docs/calibration.md tells the choices, the runs that each of
them saw, and what they gave; latency files name those runs under `covers`, so that they are never scored as predictions.
A choice sees nothing else. Build first: dotnet build -c Release.
"""

import csv
import itertools
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "artifacts/bin/ServingSim.Cli/release/servingsim.dll"
POOL = "cluster.pools.main."


def spread(most, step):
    return [step * i for i in range(int(most / step) + 1)]


def errors(data, cases, where, settings, figure):
    """The size of the error of each row of a file of cases that may be seen."""
    return [abs(error) for _, error in grouped_errors(data, cases, where, settings, figure)]


def grouped_errors(data, cases, where, settings, figure):
    """The group and the error of each row of a file of cases that may be seen."""
    with tempfile.TemporaryDirectory() as out:
        seen = pathlib.Path(out) / "cases.yaml"
        text = (ROOT / f"configs/accuracy/{cases}.yaml").read_text(encoding="utf-8")
        if where:
            text = re.sub(r"where: \{[^}]*\}", f"where: {{ {where} }}", text)
        seen.write_text(text, encoding="utf-8")
        sets = [part for setting in settings for part in ("--set", setting)]
        subprocess.run(
            ["dotnet", PROGRAM, "accuracy", seen, "--data", data, "--in-sample", "--quiet", "--out", f"{out}/out", *sets],
            check=True)
        with open(f"{out}/out/accuracy.csv", encoding="utf-8") as file:
            return [(row["group"], float(row["error"])) for row in csv.DictReader(file) if row["figure"] == figure]


def with_step(latency, step_us, folder):
    """A latency file of the catalogue with another step_us."""
    text = (ROOT / f"configs/latency/{latency}.yaml").read_text(encoding="utf-8")
    file = pathlib.Path(folder) / f"{latency}-{step_us}.yaml"
    file.write_text(re.sub(r"(?m)^  step_us: .*$", f"  step_us: {step_us}", text), encoding="utf-8")
    return file


def choose(name, data, cases, where, figure, grid, settings):
    """Prints and returns the best of a grid of values."""
    best = None
    for values in grid:
        seen = errors(data, cases, where, settings(*values), figure)
        mean = sum(seen) / len(seen)
        print(f"  {name} {values}: {100 * mean:.2f} %", file=sys.stderr, flush=True)
        if best is None or mean < best[0] - 1e-12:
            best = (mean, values, len(seen))
    print(f"{name}: {', '.join(f'{value:g}' for value in best[1])} "
          f"(mean size of the error of {figure} {100 * best[0]:.2f} % over {best[2]} runs)", flush=True)
    return best[1]


def choose_step(data, folder):
    """
    The step_us with the least mean square over models of a model's mean error in TPOT; and, to score each model of the
    eight logs by, that without it.
    """
    tried = {}
    for (step,) in itertools.product(spread(1000, 25)):
        settings = [POOL + f"latency={with_step('h100-sxm', step, folder)}"]
        models = {}
        for cases in ["h100-vllm-0.15-rates", "h100-vllm-0.15"]:
            for group, error in grouped_errors(data, cases, None, settings, "mean_tpot_ms"):
                models.setdefault(group, []).append(error)
        tried[step] = {model: sum(seen) / len(seen) for model, seen in models.items()}
        print(f"  step_us {step}: {tried[step]}", file=sys.stderr, flush=True)

    def best(without=None):
        return min(tried, key=lambda step: (sum(e * e for m, e in tried[step].items() if m != without), step))

    for left_out in sorted(tried[0]):
        step = best(left_out)
        print(f"step_us without {left_out}: {step} (its error {100 * tried[step][left_out]:+.1f} %)", flush=True)
    print(f"step_us: {best()} ({ {m: f'{100 * e:+.1f} %' for m, e in tried[best()].items()} })", flush=True)
    return best()


def main(data, wanted, step_us):
    with tempfile.TemporaryDirectory() as folder:
        def fitted():
            return POOL + f"latency={with_step('h100-sxm', step_us, folder)}"

        def data_sheet():
            return POOL + f"latency={{ name: roofline, step_us: {step_us} }}"

        def host(ms, us):
            return [POOL + f"host.ms_per_step={ms}", POOL + f"host.us_per_sequence={us}"]

        # Asynchronous scheduling hides the host there, so that a token takes what the GPU takes
        if "step" in wanted:
            step_us = choose_step(data, folder)
        if "frontend" in wanted:
            choose(
                "frontend_ms", data, "h100-vllm-0.15-rates", None, "mean_ttft_ms", itertools.product(spread(12, 0.5)),
                lambda ms: [fitted(), POOL + f"host.frontend_ms={ms}"])
        hosts = list(itertools.product(spread(2, 0.25), spread(80, 5)))
        if "host" in wanted:
            choose(
                "ms_per_step, us_per_sequence (vLLM 0.11)", data, "mlenergy-vllm",
                "suspect: 0, task: lm-arena-chat, gpu: H100, model: meta-llama/Llama-3.1-8B-Instruct", "p50_itl_ms",
                hosts, lambda ms, us: [fitted(), *host(ms, us)])
        if "usual" in wanted:
            choose(
                "ms_per_step, us_per_sequence (vLLM 0.8.5)", data, "h100-64gb-vllm-0.8",
                'gpu: "H100-64GB HBM2e (MareNostrum5)", osl_mean_tokens: { min: 2 }', "mean_tpot_ms", hosts,
                lambda ms, us: [data_sheet(), *host(ms, us)])

        # Each of the two GPUs gets the host of the other's runs
        for gpu in ["A100", "H100"] if "v0" in wanted else []:
            runs = f"engine: vLLM, model: meta-llama/Llama-2-7b-hf, gpu: Nvidia {gpu} GPU, n_gpus_tp: "
            (us,) = choose(
                f"us_per_sequence (V0, {gpu})", data, "argonne-vllm", runs + "1", "duration",
                itertools.product(spread(120, 10)), lambda us: [data_sheet(), *host(0.5, us)])
            choose(
                f"broadcast_ms, broadcast_us_per_sequence (V0, {gpu})", data, "argonne-vllm", runs + "2", "duration",
                itertools.product(spread(2, 0.1), spread(80, 10)),
                lambda ms, more: [
                    data_sheet(), *host(0.5, us), POOL + f"host.broadcast_ms={ms}",
                    POOL + f"host.broadcast_us_per_sequence={more}"])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    steps = [float(choice[5:]) for choice in sys.argv[2:] if choice.startswith("step=")]
    choices = [choice for choice in sys.argv[2:] if not choice.startswith("step=")]
    if not steps and choices and "step" not in choices:
        sys.exit("every other choice needs the first: expected step or step=US too")
    main(pathlib.Path(sys.argv[1]).resolve(), choices or ["step", "frontend", "host", "usual", "v0"], *(steps or [None]))
