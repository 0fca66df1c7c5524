#!/usr/bin/env python3
"""Writes the synthetic samples of this folder: python3 traces/make_samples.py"""

import datetime
import json
import pathlib
import random

MODELS = ["ChatGPT", "ChatGPT", "ChatGPT", "GPT-4"]


def rows(chance, count, start):
    """Made-up requests: Poisson arrivals, one failure in twelve, a burst of API calls half-way."""
    time = start
    for i in range(count):
        burst = count * 2 // 5 <= i < count // 2
        time += 0.1 if burst else chance.expovariate(0.4)
        prompt = 40 if burst else min(2000, int(chance.lognormvariate(6, 1)) + 1)
        output = 4 if burst else min(900, int(chance.lognormvariate(5, 0.9)) + 1)
        failed = not burst and chance.random() < 1 / 12
        prompt, output = (0, 0) if failed else (prompt, output)
        yield (int(time), "GPT-4" if burst else chance.choice(MODELS), prompt, output,
               "API log" if burst else "Conversation log")


def azure_rows(chance, count):
    """Made-up completions of code: long prompts, short outputs, in bursts with quiet minutes between them."""
    time = datetime.datetime(2023, 11, 16, 18)
    for _ in range(count):
        quiet = chance.random() < 1 / 150
        time += datetime.timedelta(seconds=chance.expovariate(1 / 60 if quiet else 7))
        prompt = min(7400, int(chance.lognormvariate(7.1, 1.1)) + 3)
        output = min(1000, int(chance.lognormvariate(2.6, 0.9)) + 1)
        yield f"{time:%Y-%m-%d %H:%M:%S.%f}0,{prompt},{output}"


def mooncake_rows(chance, count):
    """Made-up conversations: a prompt repeats the last one's blocks, and every one begins with block 0."""
    said, next_id, time = [], 1, 0
    for _ in range(count):
        time += int(chance.expovariate(1 / 300))
        new = min(60, int(chance.lognormvariate(2, 1)) + 1)
        if not said or chance.random() < 0.4:
            said = said[-60:] + [[0]]
            ids = said[-1]
        else:
            ids = chance.choice(said)
        ids += range(next_id, next_id + new)
        next_id += new
        if len(ids) > 200:
            said.remove(ids)
        yield json.dumps({"timestamp": time, "input_length": 512 * len(ids) - chance.randrange(512),
                          "output_length": min(2000, int(chance.lognormvariate(5.6, 0.8)) + 1), "hash_ids": ids})


def main():
    folder = pathlib.Path(__file__).parent
    lines = ["Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type"]
    for time, model, prompt, output, log in rows(random.Random(1), 240, 0):
        lines.append(f"{time},{model},{prompt},{output},{prompt + output},{log}")
    (folder / "sample-burstgpt.csv").write_text("\n".join(lines) + "\n")

    chance = random.Random(3)
    lines = ["Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type"]
    for time, model, prompt, output, log in rows(chance, 60, 19_440_000):
        session = f"{chance.randrange(1 << 32):08x}" if log == "Conversation log" else ""
        lines.append(f"{time}.0,{session},{output // 20},{model},{prompt},{output},{prompt + output},{log}")
    (folder / "sample-burstgpt-sessions.csv").write_text("\n".join(lines) + "\n")

    lines = ["TIMESTAMP,ContextTokens,GeneratedTokens", *azure_rows(random.Random(5), 1200)]
    (folder / "sample-azure-code.csv").write_text("\n".join(lines) + "\n")
    (folder / "sample-mooncake.jsonl").write_text("\n".join(mooncake_rows(random.Random(7), 400)) + "\n")


if __name__ == "__main__":
    main()
