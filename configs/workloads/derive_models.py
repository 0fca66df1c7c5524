#!/usr/bin/env python3
"""Derives the workload models of this folder from rows and aggregates of BurstGPT.

    servingsim workload describe BurstGPT_first7days.csv --out described
    python3 configs/workloads/derive_models.py DATA described

DATA is a folder with, of BurstGPT (https://github.com/HPMLL/BurstGPT, Wang et al., KDD'25, CC BY 4.0):
  BurstGPT_first7days.csv                       the rows of BurstGPT_1.csv with Timestamp < 604800
  BurstGPT_1_hourly_boxplot_digitised_fig2.csv  medians of requests by hour, read off the repository's figure
  BurstGPT_1_hour_of_day_mean.csv               mean requests of all services by hour, over 61 days

Conversation: alpha by hour is the median of the week's 20-minute windows (described/gamma.csv); the rate of an hour of
a workday is in proportion to the figure's median, that of a weekend's to the week's counts, both scaled to the means of
the heat map (2,050 and 1,041 requests a day of ChatGPT, 1,015 and 523 of GPT-4); within an hour, and at night, where
the figure shows no median, rates follow the week's counts. The figure's boxes are those of workdays: their lower
quartiles are above what weekend days have, of which there are more than a quarter. day_sigma is the spread of the heat
map's workdays. Chance within a day is what 'workload fit' gives of the week (hour_sigma 0.181 and 0.214, slot_sigma
0.326 and 0.431), but for GPT-4's hours, which spread as the figure's boxes do. Lengths are those of
configs/lengths, failures those counted in the week.

API: there are no rows of API bursts but one minute, so all is from aggregates, and says so. The mean is that of 52 days
(24,432 requests a day from day 9 on, 2,630 of them GPT-4's), the days' spread is set so that nine in ten of the real
days lie within the model's 90 % interval, batches are those that come near the published variations in windows of 5
minutes (see configs/scenarios/two-services.yaml), jobs of GPT-4 repeat 19 prompts with outputs of 1 to 10 tokens as in
the densest minute.
"""

import collections
import csv
import pathlib
import sys
import textwrap

HERE = pathlib.Path(__file__).parent
SOURCE = "BurstGPT (Wang et al., KDD'25, doi 10.1145/3711896.3737413), CC BY 4.0"
LEVELS = {"ChatGPT": (2050, 1041), "GPT-4": (1015, 523)}
# Of days, hours and 10 minutes
SIGMAS = {"ChatGPT": (0.114, 0.181, 0.326), "GPT-4": (0.252, 0.355, 0.431)}
# Failures of the first week: share, after a failure, of known size
FAILURES = {"ChatGPT": (0.0705, 0.237, 0), "GPT-4": (0.0992, 0.334, 0.0046)}
LENGTHS = {"ChatGPT": "burstgpt-chatgpt-conversation", "GPT-4": "burstgpt-gpt4-conversation"}
WORKDAYS, WEEKEND = (0, 1, 2, 5, 6), (3, 4)
HOURS, SLOTS = range(24), range(72)


def rows(path):
    with open(path, encoding="ascii") as file:
        return list(csv.DictReader(file))


def numbers(key, values, indent):
    line = f"{' ' * indent}{key}: [{', '.join(f'{v:.5g}' for v in values)}]"
    return textwrap.fill(line, 120, subsequent_indent=" " * (indent + 2)) + "\n"


def conversation(data, described):
    week = [r for r in rows(data / "BurstGPT_first7days.csv") if r["Log Type"] == "Conversation log"]
    figure = rows(data / "BurstGPT_1_hourly_boxplot_digitised_fig2.csv")
    gamma = rows(described / "gamma.csv")
    models = {}
    for model, (workday, weekend) in LEVELS.items():
        service = f"{model}, Conversation log"
        alphas = [next(g for g in gamma if g["service"] == service and g["days"] == "workdays" and g["hour"] == hour)
                  for hour in [""] + [str(h) for h in HOURS]]
        usual = float(alphas[0]["alpha_p50"])
        alpha = [float(a["alpha_p50"]) if int(a["windows"]) >= 5 else usual for a in alphas[1:]]
        counts = {days: collections.Counter() for days in (WORKDAYS, WEEKEND)}
        slots = collections.Counter()
        for row in week:
            second = int(row["Timestamp"])
            slots[second % 86400 // 1200] += 1
            if row["Model"] == model:
                counts[WORKDAYS if second // 86400 in WORKDAYS else WEEKEND][second % 86400 // 3600] += 1
        medians = {int(f["hour"]): f["median"] for f in figure if f["service"] == f"{model} conv"}
        known = [h for h in HOURS if medians[h]]
        scale = sum(float(medians[h]) for h in known) / sum(counts[WORKDAYS][h] for h in known)
        hourly = {WORKDAYS: [float(medians[h]) if medians[h] else scale * counts[WORKDAYS][h] for h in HOURS],
                  WEEKEND: [counts[WEEKEND][h] for h in HOURS]}
        betas = {}
        for days, level in ((WORKDAYS, workday), (WEEKEND, weekend)):
            total = sum(hourly[days])
            betas[days] = [alpha[s // 3] * hourly[days][s // 3] * level / total / 3600
                           * 3 * (slots[s] + 1) / sum(slots[t] + 1 for t in SLOTS if t // 3 == s // 3) for s in SLOTS]
        models[model] = ([alpha[s // 3] for s in SLOTS], betas[WORKDAYS], betas[WEEKEND], SIGMAS[model])
    return models


def regimes(indent, factors):
    if not factors:
        return ""
    lines = ", ".join(f"{{ from: {day}d, factor: {factor:.5g} }}" for day, factor in factors)
    return textwrap.fill(f"{' ' * indent}regimes: [{lines}]", 120, subsequent_indent=" " * (indent + 2),
                         break_long_words=False) + "\n"


def conversation_part(model, fitted, indent, factors=(), failures=None, lengths=None):
    alphas, betas, weekend, (day_sigma, hour_sigma, slot_sigma) = fitted
    share, after, sized = failures or FAILURES[model]
    pad = " " * indent
    return (
        f"{pad}source: {{ name: service, failures: {{ share: {share}, share_after_failure: {after}, "
        f"share_with_size: {sized} }} }}\n"
        f"{pad}labels: {{ model: {model}, log_type: Conversation log }}\n"
        f"{pad}arrivals:\n{pad}  name: gamma-slots\n{pad}  first_day: wednesday\n"
        + numbers("alphas", alphas, indent + 2) + numbers("betas_per_s", betas, indent + 2)
        + numbers("weekend_betas_per_s", weekend, indent + 2)
        + f"{pad}  waves:\n{pad}    day_sigma: {day_sigma}\n{pad}    hour_sigma: {hour_sigma}\n"
        f"{pad}    slot_sigma: {slot_sigma}\n{pad}    slot_time: 10m\n"
        + regimes(indent + 4, factors)
        + (lengths or f"{pad}lengths: {{ name: joint-table, path: {LENGTHS[model]} }}\n"))


def api_factors(data, models):
    figure = rows(data / "BurstGPT_1_hourly_boxplot_digitised_fig2.csv")
    mean = [float(r["mean_requests_per_hour"]) for r in rows(data / "BurstGPT_1_hour_of_day_mean.csv")]
    talk = [sum((5 * b + 2 * w) / 7 / a for model in models.values()
                for a, b, w in list(zip(*model[:3]))[3 * h:3 * h + 3]) * 1200 for h in HOURS]
    api = [m - t for m, t in zip(mean, talk)]
    gpt4 = [float(f["median"] or f["q1"] or 20) for f in figure if f["service"] == "GPT-4 API"]
    unit = lambda values: [v * 24 / sum(values) for v in values]
    gpt4 = unit(gpt4)
    # What GPT-4 has of the mean is not ChatGPT's
    chat = [a - 2630 * 52 / 61 / 24 * g for a, g in zip(api, gpt4)]
    return {"ChatGPT": unit([max(c, 1) for c in chat]), "GPT-4": gpt4}


API = {
    "ChatGPT": dict(batch_requests=60, batch_rate_per_s=0.56, off_mean="132s", off_sigma=2, batch_shape=5, day=1.45,
                    slot=0.5, cycle="", prompt="{ name: quantile-table, path: burstgpt3-api-prompt }",
                    output="{ name: quantile-table, path: burstgpt3-api-output }"),
    "GPT-4": dict(batch_requests=540, batch_rate_per_s=4.5, off_mean="4.9h", off_sigma="~", batch_shape=1, day=1.3,
                  slot=0, cycle="{ prompts: 19, pause: 5m }",
                  prompt="{ name: quantile-table, path: burstgpt3-api-prompt }",
                  output="{ name: uniform, min_tokens: 1, max_tokens: 10 }"),
}


def api_part(model, hours, indent, factors, failures):
    p = API[model]
    pad = " " * indent
    share, after = failures
    return (
        f"{pad}source:\n{pad}  name: service\n"
        + (f"{pad}  cycle: {p['cycle']}\n" if p["cycle"] else "")
        + f"{pad}  failures: {{ share: {share}, share_after_failure: {after} }}\n"
        f"{pad}labels: {{ model: {model}, log_type: API log }}\n"
        f"{pad}arrivals:\n{pad}  name: batches\n"
        f"{pad}  batch_requests: {p['batch_requests']}\n{pad}  batch_rate_per_s: {p['batch_rate_per_s']}\n"
        f"{pad}  off_mean: {p['off_mean']}\n{pad}  off_sigma: {p['off_sigma']}\n"
        f"{pad}  batch_shape: {p['batch_shape']}\n"
        + numbers("hour_factors", hours, indent + 2)
        + f"{pad}  waves:\n{pad}    day_sigma: {p['day']}\n{pad}    slot_sigma: {p['slot']}\n"
        + regimes(indent + 4, factors)
        + f"{pad}prompt_tokens: {p['prompt']}\n{pad}output_tokens: {p['output']}\n")


def write(name, about, body, duration):
    comment = textwrap.fill(f"{about} Written by derive_models.py; from {SOURCE}.", 118, initial_indent="# ",
                            subsequent_indent="# ")
    (HERE / f"{name}.yaml").write_text(f"{comment}\nduration: {duration}\nworkload:\n{body}", encoding="utf-8")


def mix(parts):
    return "  source:\n    name: mix\n    parts:\n" + "".join(
        "      - " + part[8:] if part.startswith(" " * 8) else part for part in parts)


def perf(described):
    gamma = {row["hour"]: row for row in rows(described / "gamma.csv")
             if row["service"] == "Conversation log" and row["days"] == "workdays"}
    hours = [gamma[str(hour % 24)] for hour in range(8, 25) for _ in range(3)]
    body = ("  source:\n    name: burstgpt-perf\n" + numbers("alphas", [float(h["alpha_p50"]) for h in hours], 4)
            + numbers("betas_per_s", [float(h["beta_p50_per_s"]) for h in hours], 4) + "    theta: 1.1\n"
            "  labels: { model: ChatGPT, log_type: Conversation log }\n")
    write("burstgpt-perf", "BurstGPT-Perf's modelled scaling of a working day of conversations: 1,000 requests at "
          "Gamma(0.5, 2.0), then a minute for each 20 of the hours from 8 to 1, times divided by 30.6, then the "
          "warm-up's gaps again; Zipf lengths with the paper's demo value. The suite's own alphas and betas were never "
          "published: these are the medians by hour of the first week's workdays (all conversations, windows of 20 "
          "minutes with 15 requests or more).", body, "2h")


def main():
    data, described = (pathlib.Path(a) for a in sys.argv[1:])
    models = conversation(data, described)
    hours = api_factors(data, models)
    for model, short in (("ChatGPT", "chatgpt"), ("GPT-4", "gpt4")):
        write(f"burstgpt-{short}-conversation",
              f"Conversations with {model} as BurstGPT_1 has them: Gamma gaps of a shape and rate for each 20 minutes "
              "of workdays and weekends, fitted to the rows of the first week and scaled to the means of 61 days.",
              conversation_part(model, models[model], 2), "61d")
    perf(described)
    quiet = [(0, 0.0018), (9, 1)]
    api = [api_part(m, hours[m], 8, quiet, (0.01, 0.5)) for m in API]
    write("burstgpt-api", "API traffic as BurstGPT_1 has it, from published aggregates, not from rows: nearly none in "
          "the first 9 days, then batch jobs whose days differ by orders of magnitude.", mix(api), "61d")
    talk = [conversation_part(m, models[m], 8) for m in models]
    write("burstgpt-61d", "All that BurstGPT_1 has, November and December 2023 from a Wednesday on: conversations from "
          "its rows, API traffic from aggregates.", mix(talk + api), "61d")
    write("burstgpt-213d", "BurstGPT's 213 days and 10.31 million requests: November to February and July to "
          "September, one after the other as the paper counts them. Weeks and days of conversations are those of the "
          "first file, their levels, and all of the API's, are the published counts of each file; the failures too.",
          mix(periods(models, hours)), "213d")


def periods(models, hours):
    """Three files, each with levels, failures and lengths of its own; days 0 to 60, 61 to 120, 121 to 212."""
    later = "        lengths: { name: joint-table, path: burstgpt3-conversation }\n"
    parts = [conversation_part(m, models[m], 8, [(61, 0)]) for m in models]
    # 79,445 answered in 60 days against 2,636 requests a day before
    parts += [conversation_part(m, models[m], 8, [(0, 0), (61, 0.512), (121, 0)], (0.0192, 0.2, 0)) for m in models]
    # 233,617 in 110 days, a third of them GPT-4's by their mean lengths
    parts += [conversation_part(m, models[m], 8, [(0, 0), (121, f)], (0.0079, 0.1, 0), later)
              for m, f in (("ChatGPT", 0.815), ("GPT-4", 0.787))]
    parts += [api_part(m, hours[m], 8, [(0, 0.0018), (9, 1), (61, 0)], (0.01, 0.5)) for m in API]
    parts += [api_part(m, hours[m], 8, [(0, 0), (61, f), (121, 0)], (0.0192, 0.5))
              for m, f in (("ChatGPT", 2.84), ("GPT-4", 0.39))]
    parts += [api_part(m, hours[m], 8, [(0, 0), (121, f)], (0.0756, 0.5))
              for m, f in (("ChatGPT", 2.05), ("GPT-4", 2.8))]
    return parts


if __name__ == "__main__":
    main()
