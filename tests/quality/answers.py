# ruff: noqa: E501  (a row a line reads better than six)
"""How often two answers are taken for the same, and wrongly: `python -m tests.quality.answers`.

Answers as engines give them, written by hand: an answer, the same in other words (as a second draw of
it is), and one that says something else (another fact, a step turned round, a refusal). Every answer is
also held against those to other questions of its language, which all say something else. Odd rows are
for tuning, even ones are reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from llmcache_sidecar.apis.saying import Said
from llmcache_sidecar.quality.comparing import OpenTexts, by_meaning, compare
from llmcache_sidecar.quality.shares import interval
from llmcache_sidecar.verify import threshold_of

from .embedding import MODEL, Vectors

Row = tuple[str, str, str, str, str]
"""Language, kind, an answer, the same, another."""

ROWS: Final[tuple[Row, ...]] = (
    ("en", "label", "Positive", "positive.", "Negative"),
    ("en", "label", "billing", "Billing", "technical support"),
    ("en", "label", "Yes.", "yes", "No."),
    ("de", "label", "Beschwerde", "beschwerde", "Anfrage"),
    ("fr", "label", "Positif", "positif.", "N\u00e9gatif"),
    ("es", "label", "s\u00ed", "S\u00ed.", "no"),
    ("en", "sentence label", "The sentiment of this review is positive.", "The review has a positive sentiment.", "The sentiment of this review is negative."),
    ("en", "sentence label", "This message belongs to the category billing.", "The category of this message is billing.", "This message belongs to the category shipping."),
    ("de", "sentence label", "Die Stimmung dieser Bewertung ist positiv.", "Diese Bewertung ist positiv gestimmt.", "Die Stimmung dieser Bewertung ist negativ."),
    ("fr", "sentence label", "Ce message rel\u00e8ve de la facturation.", "Ce message concerne la facturation.", "Ce message rel\u00e8ve de la livraison."),
    ("en", "number", "The total is 1,250 dollars.", "The total comes to $1250.", "The total is 1,520 dollars."),
    ("en", "number", "Delivery takes 3 to 5 business days.", "It takes 3 to 5 business days until delivery.", "Delivery takes 5 to 7 business days."),
    ("en", "number", "Water boils at 100 degrees Celsius at sea level.", "At sea level, the boiling point of water is 100 degrees Celsius.", "Water boils at 90 degrees Celsius at sea level."),
    ("de", "number", "Der Versand kostet 4,90 Euro.", "Die Versandkosten betragen 4,90 Euro.", "Der Versand kostet 6,90 Euro."),
    ("fr", "number", "La livraison co\u00fbte 5 euros.", "Les frais de livraison sont de 5 euros.", "La livraison co\u00fbte 8 euros."),
    ("es", "number", "El env\u00edo tarda 4 d\u00edas.", "El paquete llega en 4 d\u00edas.", "El env\u00edo tarda 6 d\u00edas."),
    ("it", "number", "Il biglietto costa 12 euro.", "Il prezzo del biglietto \u00e8 di 12 euro.", "Il biglietto costa 15 euro."),
    ("nl", "number", "De levering duurt 2 dagen.", "De levertijd is 2 dagen.", "De levering duurt 5 dagen."),
    ("en", "list", "You need a passport, a visa and a return ticket.", "Required are a passport, a visa and a return ticket.", "You need a passport, a vaccination card and a hotel booking."),
    ("en", "list", "The primary colors are red, yellow and blue.", "Red, yellow and blue are the primary colors.", "The secondary colors are green, orange and purple."),
    ("en", "list", "- Open Settings\n- Choose Account\n- Press Delete", "1. Open Settings\n2. Choose Account\n3. Press Delete", "- Open Settings\n- Choose Display\n- Press Reset"),
    ("de", "list", "Sie brauchen einen Ausweis, ein Foto und das Formular.", "N\u00f6tig sind ein Ausweis, ein Foto und das Formular.", "Sie brauchen eine Geburtsurkunde und einen Mietvertrag."),
    ("fr", "list", "Il faut un passeport, un visa et une photo.", "Vous avez besoin d'un passeport, d'un visa et d'une photo.", "Il faut un permis de conduire et une facture."),
    ("en", "refusal", "I'm sorry, but I can't help with that request.", "Sorry, I can't assist with that request.", "Mix the two powders in water and stir for a minute."),
    ("en", "refusal", "I don't have access to your account, so I can't tell you the balance.", "I can't tell you the balance because I have no access to your account.", "Your balance is shown at the top of the account page."),
    ("de", "refusal", "Dabei kann ich leider nicht helfen.", "Leider kann ich dabei nicht helfen.", "Dabei helfe ich gern: \u00f6ffnen Sie zuerst die Einstellungen."),
    ("fr", "refusal", "D\u00e9sol\u00e9, je ne peux pas r\u00e9pondre \u00e0 cette question.", "Je suis d\u00e9sol\u00e9, je ne peux pas r\u00e9pondre \u00e0 cette demande.", "Oui, la r\u00e9ponse se trouve dans la rubrique Aide."),
    ("en", "explanation", "You can reset your password on the login page by clicking on 'Forgot password'. You then get a link by mail.", "To reset your password, click 'Forgot password' on the login page; a link is then sent to you by mail.", "You can delete your account on the settings page by clicking on 'Delete account'. You then get a confirmation by mail."),
    ("en", "explanation", "Photosynthesis is how plants turn light, water and carbon dioxide into sugar and oxygen.", "In photosynthesis, plants use light to make sugar and oxygen out of water and carbon dioxide.", "Respiration is how cells turn sugar and oxygen into water, carbon dioxide and energy."),
    ("en", "explanation", "Yes, you can cancel the order until it has been shipped. Open the order and choose Cancel.", "Orders can be cancelled until they are shipped: open the order and select Cancel.", "No, you can't cancel the order any more once it has been placed. Please return it after delivery."),
    ("en", "explanation", "The store is open from Monday to Friday, and closed at the weekend.", "We are open Monday to Friday. At the weekend the store is closed.", "The store is open at the weekend, and closed from Monday to Wednesday."),
    ("en", "explanation", "Tomatoes are a fruit, because they grow from the flower and hold seeds.", "Botanically, a tomato is a fruit: it grows from the flower and contains seeds.", "Carrots are a vegetable, because what we eat of them is the root."),
    ("en", "explanation", "The refund is paid to the card that you used for the order.", "We refund the money to the card with which you paid the order.", "The refund is given as a voucher for your next order."),
    ("de", "explanation", "Sie k\u00f6nnen Ihr Passwort auf der Anmeldeseite zur\u00fccksetzen. Danach erhalten Sie eine E-Mail.", "Das Passwort l\u00e4sst sich auf der Anmeldeseite zur\u00fccksetzen; Sie bekommen dann eine E-Mail.", "Sie k\u00f6nnen Ihr Konto in den Einstellungen l\u00f6schen. Danach sind alle Daten weg."),
    ("de", "explanation", "Die R\u00fcckgabe ist kostenlos, wenn die Ware unbenutzt ist.", "Unbenutzte Ware k\u00f6nnen Sie kostenlos zur\u00fcckgeben.", "Die R\u00fcckgabe ist nicht kostenlos, das Porto zahlen Sie selbst."),
    ("fr", "explanation", "Vous pouvez annuler la commande tant qu'elle n'est pas exp\u00e9di\u00e9e.", "La commande peut \u00eatre annul\u00e9e avant son exp\u00e9dition.", "Vous ne pouvez plus annuler la commande, mais vous pouvez la retourner."),
    ("fr", "explanation", "Le remboursement est vers\u00e9 sur la carte utilis\u00e9e.", "Nous remboursons sur la carte que vous avez utilis\u00e9e.", "Le remboursement se fait sous forme de bon d'achat."),
    ("es", "explanation", "Puede cambiar la contrase\u00f1a en la p\u00e1gina de su perfil.", "La contrase\u00f1a se cambia en la p\u00e1gina del perfil.", "Puede cambiar la direcci\u00f3n de entrega en la p\u00e1gina del pedido."),
    ("it", "explanation", "Il reso \u00e8 gratuito entro il mese.", "Potete restituire l'articolo gratis entro il mese.", "Il reso \u00e8 a vostre spese e solo con lo scontrino."),
    ("nl", "explanation", "U kunt de bestelling annuleren zolang die niet verzonden is.", "Zolang de bestelling niet verzonden is, kunt u die annuleren.", "U kunt de bestelling niet annuleren, maar wel terugsturen."),
    ("en", "code", "Use `sorted(items)` to get a new sorted list.", "You get a new sorted list with `sorted(items)`.", "Use `reversed(items)` to get the items from the end."),
    ("en", "code", '{"intent": "refund", "order": 17}', '{"order": 17, "intent": "refund"}', '{"intent": "refund", "order": 18}'),
)  # fmt: skip


def pairs(half: int) -> Iterator[tuple[str, str, str, bool]]:
    """Kind, two answers, and whether they say the same."""
    mine = ROWS[half::2]
    for _, kind, text, same, other in mine:
        yield kind, text, same, True
        yield f"{kind}, turned", text, other, False
        yield f"{kind}, turned", same, other, False
    for one, two in combinations(mine, 2):
        if one[0] == two[0]:
            yield "another question", one[2], two[2], False


def verdict(one: str, other: str, vectors: Vectors, threshold: float | None = None) -> bool | None:
    """What a judged sample says of two answers."""
    found = compare(Said((one,)), Said((other,)))
    if not isinstance(found, OpenTexts):
        return found
    if threshold is None:
        threshold = threshold_of(MODEL.name).same_answer
    verdicts = [by_meaning(a, b, float(vectors[a] @ vectors[b]), threshold) for a, b in found.pairs]
    if False in verdicts:
        return False
    return None if None in verdicts else True


def main() -> None:
    """Print how often each kind is judged rightly, wrongly and not at all."""
    vectors = Vectors()
    vectors.learn(text for row in ROWS for text in row[2:])
    for name, half in (("tuning rows", 1), ("reported rows", 0)):
        counts: dict[str, Counter[bool | None]] = {}
        for kind, one, other, same in pairs(half):
            found = verdict(one, other, vectors)
            for group in (kind, "ALL the same" if same else "ALL different"):
                counts.setdefault(group, Counter())[found] += 1
        print(f"{name:<26} same   different   can't tell")
        for group, told in sorted(counts.items()):
            print(f"  {group:<24}{told[True]:5}{told[False]:10}{told[None]:12}")
        for group, wrong in (("ALL the same", False), ("ALL different", True)):
            told = counts[group]
            low, high = interval(told[wrong], told.total())
            print(
                f"  {group}: judged wrongly {told[wrong] / told.total():.1%} ({low:.1%} to {high:.1%})"
            )
        print()


if __name__ == "__main__":
    main()
