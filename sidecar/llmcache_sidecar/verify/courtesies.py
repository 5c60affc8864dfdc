"""Greetings and thanks around a question: they ask for nothing, so no gate should see them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from .facts import Token
from .lexicon import LEXICONS, fold, listed

_LEAST: Final = 2
"""Words that must be left: a text that is a greeting alone stays as it is."""


def _table(lines: Iterable[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """First word to the phrases that it opens, the longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for line in lines:
        words = tuple(re.split("[ '-]", line))
        found.setdefault(words[0], []).append(words)
    return {word: tuple(sorted(phrases, key=len, reverse=True)) for word, phrases in found.items()}


_OPENINGS: Final = _table(
    listed(
        "so|well|um|hi|hi there|hi all|hello|hello there|hey|hey there|good morning|good afternoon|"
        "good evening|good day|excuse me|quick question|i was wondering|just wondering|"
        "sorry to bother you|dear team|dear sir or madam|please tell me|"
        "hallo|hallo zusammen|guten tag|guten morgen|guten abend|kurze frage|eine kurze frage|"
        "danke schon|entschuldigung|moin|servus|gruss gott|sehr geehrte damen und herren|liebes team|"
        "bonjour|bonsoir|salut|excusez moi|petite question|question rapide|"
        "hola|buenas|buenos dias|buenas tardes|buenas noches|disculpe|disculpa|perdon|una pregunta|"
        "ciao|salve|buongiorno|buonasera|buon giorno|scusi|scusa|una domanda|"
        "ola|oi|bom dia|boa tarde|boa noite|desculpe|com licenca|uma pergunta|"
        "hoi|goedemorgen|goedemiddag|goedenavond|goedendag|korte vraag|"
        "czesc|dzien dobry|witam|dobry wieczor|przepraszam|szybkie pytanie|mam pytanie|hej",
        "|",
    )
)
_SENTENCES: Final = _table(
    listed(
        "can you help me|could you help me|please help|please help me|i need help|"
        "i have a question|i have a quick question|ich habe eine frage|konnen sie mir helfen|"
        "kannst du mir helfen|j'ai une question|pouvez-vous m'aider|"
        "tengo una pregunta|me pueden ayudar|puede ayudarme|ho una domanda|potete aiutarmi|"
        "mi puoi aiutare|tenho uma pergunta|podem me ajudar|voce pode me ajudar|"
        "ik heb een vraag|kunt u mij helpen|kun je me helpen|mam pytanie|czy mozesz mi pomoc",
        "|",
    )
)
"""Whole sentences before a question: with more behind them they ask for something."""
_ENDINGS: Final = _table(
    listed(
        "please|thanks|thank you|thx|thanks a lot|many thanks|thanks in advance|"
        "thank you in advance|thank you very much|thank you so much|cheers|kind regards|"
        "best regards|bitte|danke|danke schon|vielen dank|danke im voraus|besten dank|"
        "vielen dank im voraus|danke vielmals|mit freundlichen grussen|viele grusse|"
        "s'il vous plait|s'il te plait|svp|stp|merci|merci beaucoup|merci d'avance|"
        "merci par avance|cordialement|por favor|gracias|muchas gracias|gracias de antemano|"
        "un saludo|per favore|per piacere|grazie|grazie mille|molte grazie|grazie in anticipo|"
        "cordiali saluti|obrigado|obrigada|muito obrigado|muito obrigada|desde ja obrigado|"
        "alstublieft|alsjeblieft|aub|bedankt|dank u|dank je|dank u wel|alvast bedankt|"
        "met vriendelijke groet|prosze|dziekuje|dzieki|z gory dziekuje|dziekuje bardzo|pozdrawiam",
        "|",
    )
)
_IF: Final = frozenset({"if", "whether"})
_SAYING: Final = frozenset(
    listed(
        "say says said saying write spell pronounce translate type respond reply sagt sage sagst "
        "sagen schreibt schreibe schreiben dire dit dis dites ecrire ecrit dice decir digo escribe "
        "escribir dico scrive scrivere diz dizer escreve escrever zeg zegt zeggen schrijf "
        "powiedziec mowi napisac"
    )
)
"""Behind these, where it is told who says it, a courtesy is what is asked about; not behind an order to
say something ("write please")."""
_MEANING: Final = frozenset(
    listed(
        "mean means meant heisst bedeutet signifie significa significar betekent heet znaczy oznacza"
    )
)
"""Behind these it is too, and before them."""
_WORDS: Final = frozenset(
    listed(
        "word words phrase meaning translation expression wort worter bedeutung mot sens palabra "
        "significado parola significato palavra woord betekenis slowo znaczenie"
    )
)
"""The same with one of `_OF_WORDS` between."""
_IS: Final = frozenset(listed("is ist est es e to"))
_OF_WORDS: Final = frozenset(listed("for of as between fur von pour de para per di voor van za"))
"""The same: "the word for please", "the meaning of thanks". Others may end a verb ("log in please")."""
_WHO_SAYS: Final = frozenset(
    listed("to i you we one man ich sie wir on je vous nous tu se si men je we")
)
_IN_A_LANGUAGE: Final = frozenset(listed("in auf en em op po"))
_LANGUAGE: Final = 3
"""Words of "in Brazilian Portuguese"."""
_FILLERS: Final = frozenset(listed("so well um"))
_WHICH: Final = frozenset(
    listed(
        "welchem welchen welcher welches welche quel quelle quels quelles que che cual cuales quale "
        "quali qual quais welk welke jakim jakiej ktorym ktorej"
    )
)


_ASKINGS: Final = _table(
    listed(
        "i was wondering|i am wondering|i'm wondering|just wondering|wondering|i wonder|"
        "i would like to know|i'd like to know|id like to know|i want to know|i wanted to know|"
        "i wanted to ask|i would like to ask|i'd like to ask|i need to know|i'm curious|"
        "i'm trying to find out|i am trying to find out|please let me know|let me know|"
        "can you tell me|could you tell me|can you please tell me|could you please tell me|"
        "can you explain|could you explain|could you please explain|can you please explain|"
        "please explain|please tell me|tell me|explain|explain to me|can you explain to me|"
        "could you explain to me|may i ask|can i ask|may i know|does anyone know|"
        "would you mind telling me|any idea|any chance you know|"
        "ich wurde gerne wissen|ich wurde gern wissen|ich mochte wissen|ich mochte gerne wissen|"
        "ich wollte fragen|ich wollte wissen|ich wusste gerne|konnen sie mir sagen|"
        "konnten sie mir sagen|kannst du mir sagen|konnen sie mir bitte sagen|"
        "konnten sie mir bitte sagen|konnen sie mir erklaren|konnten sie mir erklaren|"
        "kannst du mir erklaren|bitte sagen sie mir|sag mir|sagen sie mir|wissen sie|weisst du|"
        "darf ich fragen|mich wurde interessieren|"
        "je voudrais savoir|j'aimerais savoir|je veux savoir|je souhaite savoir|"
        "je souhaiterais savoir|je me demandais|pouvez-vous me dire|pourriez-vous me dire|"
        "peux-tu me dire|pouvez-vous m'expliquer|pourriez-vous m'expliquer|peux-tu m'expliquer|"
        "dites-moi|dis-moi|expliquez-moi|savez-vous|puis-je savoir|"
        "quisiera saber|quiero saber|me gustaria saber|queria saber|querria saber|necesito saber|"
        "puede decirme|puedes decirme|podria decirme|podrias decirme|pueden decirme|me puede decir|"
        "me puedes decir|me podria decir|me podrias decir|me pueden decir|podrian decirme|"
        "puede explicarme|puedes explicarme|me puedes explicar|me puede explicar|dime|digame|"
        "vorrei sapere|volevo sapere|mi piacerebbe sapere|voglio sapere|puo dirmi|puoi dirmi|"
        "potrebbe dirmi|potete dirmi|mi puo dire|mi puoi dire|mi sa dire|mi sapete dire|"
        "mi potete dire|puo spiegarmi|puoi spiegarmi|mi puoi spiegare|dimmi|mi chiedevo|"
        "gostaria de saber|queria saber|eu gostaria de saber|quero saber|pode me dizer|"
        "poderia me dizer|podem me dizer|voce pode me dizer|pode dizer-me|podia dizer-me|"
        "pode me explicar|poderia me explicar|me diga|preciso saber|eu queria saber|"
        "ik wil graag weten|ik zou graag willen weten|ik zou graag weten|ik wil weten|"
        "ik vroeg me af|kunt u mij vertellen|kunt u me vertellen|kun je me vertellen|"
        "kan je me vertellen|kunt u uitleggen|kun je uitleggen|weet u|weet je|vertel me|"
        "chcialbym wiedziec|chcialabym wiedziec|chce wiedziec|chcialbym sie dowiedziec|"
        "chcialabym sie dowiedziec|prosze mi powiedziec|prosze powiedziec|"
        "czy moze mi pan powiedziec|czy moze mi pani powiedziec|czy mozesz mi powiedziec|"
        "czy moglbys mi powiedziec|powiedz mi|zastanawiam sie",
        "|",
    )
)
"""What stands before a question in the middle of a sentence."""
_QUESTIONS: Final = frozenset(
    fold(word) for lexicon in LEXICONS.values() for word in lexicon.questions
)


_WHAT_IF: Final = _table(
    [
        f"{what} {word}"
        for words, whats in (
            (
                "if when",
                "what do i do|what should i do|what can i do|what to do|what must i do|"
                "what do i have to do|what do i need to do|what shall i do|what do we do|"
                "what should we do|what can we do|what should you do|what do you do|what can you "
                "do",
            ),
            (
                "wenn falls",
                "was tun|was mache ich|was kann ich tun|was muss ich tun|was soll ich tun|"
                "was kann ich machen|was muss ich machen|was soll ich machen|was tue ich",
            ),
            ("si quand", "que faire|que dois-je faire|que puis-je faire|que faut-il faire"),
            ("si cuando", "que hago|que debo hacer|que puedo hacer|que hacer|que tengo que hacer"),
            (
                "se quando",
                "cosa faccio|cosa devo fare|cosa posso fare|cosa fare|che cosa faccio|"
                "che cosa devo fare|che fare|o que faco|o que devo fazer|o que fazer|"
                "o que posso fazer",
            ),
            ("als wanneer", "wat moet ik doen|wat kan ik doen|wat doe ik|wat te doen"),
            ("jesli gdy jak", "co zrobic|co robic|co mam zrobic|co mam robic|co powinienem zrobic"),
        )
        for what in whats.split("|")
        for word in words.split()
    ]
)
"""What asks for help in some trouble, before it."""
_WHAT_NOW: Final = _table(
    listed(
        "what should i do|what can i do|what do i do|what do i do now|what to do|what should i "
        "do now|what now|"
        "was kann ich tun|was soll ich tun|was muss ich tun|was nun|was tun|was mache ich jetzt|"
        "que faire|que dois-je faire|que puis-je faire|que hago|que puedo hacer|que debo hacer|"
        "cosa faccio|cosa posso fare|cosa devo fare|o que faco|o que posso fazer|o que devo fazer|"
        "wat nu|wat moet ik doen|wat kan ik doen|co robic|co zrobic|co mam zrobic",
        "|",
    )
)
"""The same behind it."""
_AND: Final = frozenset({"and", "or", "und", "oder", "et", "y", "e", "en", "of", "i", "ou", "o"})


def the_trouble(tokens: list[Token]) -> list[Token] | None:
    """What is told where a text asks what to do about it: "my card is lost, what should I do"."""
    for phrase in _WHAT_IF.get(tokens[0].form, ()) if tokens else ():
        rest = tokens[len(phrase) :]
        if len(rest) >= _LEAST and _is(tokens, 0, phrase) and not _asks_more(rest):
            return [rest[0]._replace(first=True), *rest[1:]]
    for at in range(_LEAST, len(tokens)):
        phrases = _WHAT_NOW.get(tokens[at].form, ())
        if any(at + len(phrase) == len(tokens) and _is(tokens, at, phrase) for phrase in phrases):
            return tokens[:at]
    return None


def _asks_more(tokens: list[Token]) -> bool:
    """Whether "and" opens another question."""
    return any(
        token.form in _AND and _asks(tokens[at : at + 3]) for at, token in enumerate(tokens, 1)
    )


def without_courtesies(tokens: list[Token]) -> list[Token]:
    """The tokens without greetings before and thanks behind; what is left opens a sentence."""
    start, end = 0, len(tokens)
    while (length := _at(tokens, start, end)) and end - start - length >= _LEAST:
        start += length
    while (length := _before(tokens, start, end)) and end - start - length >= _LEAST:
        end -= length
    if start == 0:
        return tokens if end == len(tokens) else tokens[:end]
    return [tokens[start]._replace(first=True), *tokens[start + 1 : end]]


def _at(tokens: list[Token], start: int, end: int) -> int:
    """How many words of courtesy stand here."""
    form = tokens[start].form if start < end else ""
    for phrase in _OPENINGS.get(form, ()):
        behind = start + len(phrase)
        if (
            _is(tokens, start, phrase)
            and behind < end
            and tokens[behind].form not in _IF
            and not _named_so(tokens, behind)
        ):
            return len(phrase)
    for phrase in _ASKINGS.get(form, ()):
        behind = start + len(phrase)
        if _is(tokens, start, phrase) and _asks(tokens[behind : min(end, behind + 3)]):
            return len(phrase)
    for phrase in (*_SENTENCES.get(form, ()), *_ENDINGS.get(form, ())):
        behind = start + len(phrase)
        if _is(tokens, start, phrase) and behind < end and tokens[behind].first:
            return len(phrase)
    return 0


def _asks(tokens: list[Token]) -> bool:
    """Whether a question word, or several that are one, open here."""
    forms = [token.form for token in tokens]
    return any("_".join(forms[:length]) in _QUESTIONS for length in range(1, len(forms) + 1))


_LONGEST: Final = max(len(phrase) for phrases in _ENDINGS.values() for phrase in phrases)


def _before(tokens: list[Token], start: int, end: int) -> int:
    for length in range(min(_LONGEST, end - start), 0, -1):
        phrases = _ENDINGS.get(tokens[end - length].form, ())
        if any(len(phrase) == length and _is(tokens, end - length, phrase) for phrase in phrases):
            return 0 if _asked_about(tokens, end - length) else length
    return 0


def _named_so(tokens: list[Token], behind: int) -> bool:
    """Whether a greeting is what is asked about: "good morning in Italian"; not "in which room"."""
    following = tokens[behind + 1 : behind + 4]
    return (
        tokens[behind].form in _IN_A_LANGUAGE
        and not tokens[behind].first
        and _ends(tokens, behind)
        and not _asks(following)
        and _WHICH.isdisjoint(token.form for token in following[:1])
    )


def _asked_about(tokens: list[Token], at: int) -> bool:
    """The same for thanks: "how do you say thank you", "the word for please"."""
    named = {token.form for token in tokens[max(0, at - 4) : max(0, at - 1)]}
    of_words = at > 0 and not tokens[at].first and tokens[at - 1].form in _OF_WORDS
    return (of_words and not named.isdisjoint(_WORDS)) or _said(tokens, at)


def _ends(tokens: list[Token], behind: int) -> bool:
    """Whether a text ends with the language that is named here: "in Brazilian Portuguese"."""
    return len(tokens) - behind <= _LANGUAGE


def _defined(tokens: list[Token], at: int, behind: int) -> bool:
    """Whether a courtesy in the middle is asked about: "what does thanks mean in Turkish"."""
    if at < 1 or tokens[at].first or behind >= len(tokens):
        return False
    language = tokens[behind].form in _IN_A_LANGUAGE and _ends(tokens, behind)
    return tokens[behind].form in _MEANING or (tokens[at - 1].form in _IS and language)


def _said(tokens: list[Token], at: int) -> bool:
    """Whether a word of saying stands before it in the same sentence."""
    if at < 1 or tokens[at].first:
        return False
    third, second, before = ("", "", "", *(token.form for token in tokens[max(0, at - 3) : at]))[
        -3:
    ]
    return (
        before in _MEANING
        or (before in _SAYING and second in _WHO_SAYS)
        or (second in _SAYING and before in _WHO_SAYS)
        or (third in _SAYING | _MEANING and second in _IN_A_LANGUAGE)
    )


def mentioned(tokens: list[Token]) -> tuple[tuple[str, ...], ...]:
    """The courtesies that a text asks about: as good as quoted."""
    found: list[tuple[str, ...]] = []
    for at, token in enumerate(tokens):
        for phrase in _ENDINGS.get(token.form, ()):
            behind = at + len(phrase)
            if _is(tokens, at, phrase) and (
                (_closes(tokens, behind) and _asked_about(tokens, at))
                or _defined(tokens, at, behind)
            ):
                found.append(phrase)
                break
        for phrase in _OPENINGS.get(token.form, ()) if token.form not in _FILLERS else ():
            behind = at + len(phrase)
            here = _is(tokens, at, phrase)
            opens = at == 0 and behind < len(tokens) and _named_so(tokens, behind)
            if here and (opens or _said(tokens, at) or _defined(tokens, at, behind)):
                found.append(phrase)
                break
    return tuple(found)


def _closes(tokens: list[Token], behind: int) -> bool:
    """Whether a sentence ends here, or with the language that is named."""
    return (
        behind >= len(tokens)
        or tokens[behind].first
        or (tokens[behind].form in _IN_A_LANGUAGE and _ends(tokens, behind))
    )


def _is(tokens: list[Token], at: int, phrase: tuple[str, ...]) -> bool:
    return all(
        at + offset < len(tokens) and tokens[at + offset].form == word
        for offset, word in enumerate(phrase)
    )
