#!/usr/bin/env python3
"""Writes the synthetic samples of this folder: python3 traces/make_samples.py"""

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


if __name__ == "__main__":
    main()
