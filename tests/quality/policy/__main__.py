"""Measures the content classes: `python -m tests.quality.policy [FOLDER] [--meaning]`.

FOLDER holds public sets that are not ours to carry (../shared/data when it exists); --meaning embeds
the examples and the prompts with the bundled model, which takes a minute the first time.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from .measuring import Figures, Judge, make_judge, measure, share
from .prompts import SHARED, creative, own, public, workload


def show(title: str, figures: Figures) -> None:
    print(f"\n{title}")
    for one, found in figures.classes.items():
        print(f"  {one:<11} skipped {found.skipped}  named {found.named.value:.1%}", end="")
        print(f"  precision {found.precision.value:.1%}")
    print(f"  false skips of cacheable: {figures.false_skips}")
    for language, (recall, false) in figures.languages.items():
        if len(figures.languages) > 1:
            print(f"    {language}  recall {recall}  false skips {false}")


def choose(by_meaning: bool, texts: list[str]) -> Judge:
    judge = make_judge()
    if not by_meaning:
        return judge.judge
    from ..embedding import Vectors

    vectors = Vectors()
    wanted = judge.texts_to_embed()
    vectors.learn([*wanted, *texts])
    informed = judge.with_examples([vectors[text] for text in wanted])
    return lambda text: informed.judge(text, vectors[text])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.quality.policy")
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--meaning", action="store_true")
    given = parser.parse_args()
    sets = {
        "own, tuned on": own("dev"),
        "own, held out": own("heldout"),
        "own, never tuned on (fourth)": own("unseen"),
        "own, never tuned on (fifth)": own("strangers"),
        "own, never tuned on (sixth)": own("fresh"),
        "of a newcomer": own("newcomer"),
        "of two latecomers": own("latecomers"),
        "of two examiners": own("examiners"),
        "of jurors": own("jurors"),
        "public, test half": public(given.folder, "test"),
    }
    stream = workload(given.folder)
    works = creative()
    texts = [prompt.text for prompts in sets.values() for prompt in prompts]
    judged = choose(given.meaning, [*texts, *works, *(prompt for prompt, _ in stream)])
    for title, prompts in sets.items():
        if prompts:
            show(title, measure(prompts, judged))
    print(
        f"\ncreative prompts kept from the semantic level: {share(bool(judged(t)) for t in works)}"
    )
    if stream:
        faq = [(prompt, intent) for prompt, intent in stream if not intent.startswith("qqp")]
        skipped = Counter(intent for prompt, intent in faq if judged(prompt))
        asked = Counter(intent for _, intent in faq)
        print(f"FAQ requests skipped: {share(bool(judged(prompt)) for prompt, _ in faq)}")
        for intent, count in skipped.most_common():
            print(f"    {intent:<28} {count} of {asked[intent]}")
        others = [prompt for prompt, intent in stream if intent.startswith("qqp")]
        print(f"question pairs skipped: {share(bool(judged(prompt)) for prompt in others)}")


if __name__ == "__main__":
    main()
