"""An FAQ bot's questions, asked in order of popularity, and the way in which people ask them."""

from __future__ import annotations

import random

SYSTEM = (
    "You are the support assistant of Northwind Parcel. Answer in at most three sentences, in a "
    "friendly tone, and only from these facts. Parcels up to 30 kg are collected on working days "
    "until 18:00. Tracking numbers have twelve digits and begin with NW. A parcel that nobody "
    "accepts is kept at the nearest shop for seven days and then returned. Damage must be reported "
    "within three days with a photo of the box. Refunds go to the original means of payment within "
    "ten days. Customs papers are needed for every destination outside the union. Shops open from "
    "9:00 to 20:00, on Saturdays until 14:00. Business customers have a contact of their own."
)

QUESTIONS = (
    "Where can I find my tracking number?",
    "How long does a shop keep my parcel?",
    "How do I report a damaged parcel?",
    "When are parcels collected?",
    "What is the maximum weight of a parcel?",
    "How long does a refund take?",
    "Which papers do I need for customs?",
    "When do the shops open on Saturday?",
    "Can somebody else collect my parcel?",
    "How do I change the delivery address?",
    "What happens if I am not at home?",
    "Do you deliver on Sundays?",
    "How do I return a parcel?",
    "Can I send liquids?",
    "How do I get an invoice?",
    "Is my parcel insured?",
    "How do I open a business account?",
    "Can I pay with a voucher?",
    "How do I reset my password?",
    "How do I delete my account?",
    "Where is the nearest shop?",
    "Can I track a parcel without a number?",
    "Why does my parcel not move?",
    "How do I print a label again?",
    "What may not be sent at all?",
    "How do I complain about a driver?",
    "Can I send a bicycle?",
    "How large may a parcel be?",
    "Do you deliver to parcel lockers?",
    "How do I cancel a collection?",
)


def stream(length: int, seed: int) -> list[str]:
    """`length` questions in order of arrival: popularity follows Zipf's law, and one in eight is
    something that nobody else asks."""
    draw = random.Random(seed)
    weights = [1 / rank for rank in range(1, len(QUESTIONS) + 1)]
    asked = []
    for number in range(length):
        if draw.random() < 1 / 8:
            asked.append(f"My parcel NW{draw.randrange(10**10):010d} ({number}) is late, why?")
        else:
            question = draw.choices(QUESTIONS, weights)[0]
            # Every third person puts it in words of their own.
            asked.append(draw.choice(_frames(question)) if draw.random() < 1 / 3 else question)
    return asked


def _frames(question: str) -> list[str]:
    """Other words for the same question."""
    rest = question[0].lower() + question[1:]
    frames = [f"Hello! {question}", f"{question} Thanks!", f"A question: {rest}"]
    if question.startswith("How do I "):
        frames += [f"How can I {question[9:]}", f"Tell me how to {question[9:-1]}, please."]
    if question.startswith("Can I "):
        frames.append(f"Is it possible to {question[6:]}")
    return frames
