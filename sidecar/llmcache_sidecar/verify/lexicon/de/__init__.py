"""German: what its small words do here, its words by subject beside it. Data alone may enter."""

from __future__ import annotations

import re
from typing import Final

from ..grammar import Deeds, Doers, Places, Whither, words
from ..lookalikes import LOOKALIKES
from ..table import Lexicon, Question, listed, without_endings
from .meanings import AKIN, APART, PHRASES, SENSES, SYNONYMS
from .opposites import OPPOSITES

__all__ = ["LEXICON"]

_ENDINGS: Final = (
    "ungen",
    "ung",
    "ern",
    "em",
    "en",
    "er",
    "es",
    "et",
    "st",
    "te",
    "e",
    "n",
    "s",
    "t",
)

_DIGITS: Final = listed("ein zwei drei vier funf sechs sieben acht neun")
_TENS: Final = listed("zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig")
_COMPOUND: Final = {
    f"{digit}und{tens}": (place + 2) * 10 + unit
    for place, tens in enumerate(_TENS)
    for unit, digit in enumerate(_DIGITS, 1)
}


_TO_DO: Final = re.compile(
    r"^(zuruck|an|auf|aus|ab|ein|um|vor|her|hin|weg|mit|nach|los|fest|frei|herunter|hoch|hinzu)zu"
    r"(?=[a-z]{4,})"
)
"""What stands within a verb in two parts: "zurückzugeben" is "zurückgeben"."""


def stem(word: str) -> str:
    """Take inflection away where enough of the word is left."""
    if "zu" in word[2:]:
        word = _TO_DO.sub(r"\1", word)
    if word.startswith("ge") and word.endswith("t") and len(word) > 6:
        word = word[2:]
    return without_endings(word, _ENDINGS)


def participle(word: str) -> bool:
    """Whether a form may stand behind what it is done to."""
    return word.startswith("ge") or word.endswith("iert")


LEXICON: Final = Lexicon(
    code="de",
    places=Places(
        to=words("nach"),
        inside=words("in innerhalb"),
        away=words("aus"),
        means=words("mit"),
    ),
    deeds=Deeds(
        askers=words("ich wir"),
        have=words("habe haben hab hatte"),
        be=words("wurde wurden worden wird ist sind"),
    ),
    doers=Doers(done=words("t et te ete"), plural="in"),
    whither=Whither("wohin", words("hin hingeht")),
    belonging="von vom des der meines meiner unseres unserer eines einer",
    split_off="an auf aus ab ein zu vor nach um mit weiter zuruck los her hin weg durch",
    or_not="nicht",
    lookalikes=LOOKALIKES["de"],
    verbs_last=True,
    stem=stem,
    participle=participle,
    names_by_capital=False,
    function=(
        "der die das den dem des ein eine einen einem einer eines ich du er sie es wir ihr mich "
        "mir dich dir ihn ihm uns euch ihnen mein meine meinen meinem meiner meines dein deine deinen "
        "deinem deines sein seine seines seinen ihre ihren ihrem unser unsere euer man sich dieser "
        "diese dieses diesen diesem jener jene selbst dass ob wenn weil als da also auch noch schon "
        "denn doch mal so sehr nur kann kannst konnen konnte koennen konnt darf durfen muss mussen "
        "musst soll sollen "
        "sollte mochte mochten will wollen wurde wurden bin bist sei "
        "gern gerne habt haben hallo danke bitte hier dort ja es gibt etwa eigentlich gerade ganz "
        "kein keine keinen nicht alle jede jeder jedes manche einige etwas"
    ),
    soft=(
        "weg methode schritt schritte ding sache sagen sag sage erklaren erklare erklar "
        "zeigen zeig hilfe helfen "
        "geben gib machen mache macht tun moglich moglichkeit beste besten gut besser idee tipp "
        "tipps brauche brauchen wissen leute mensch menschen person bedeutet bedeutung heisst "
        "beispiel art grund unterschied funktioniert funktionieren benutzen verwenden einfach "
        "schnell richtig anleitung frage fragen antwort information informationen gehe gehen "
        "vorgehen "
        "finden genau normalerweise vorgang"
    ),
    negations=(
        "nicht kein keine keinen keinem keiner keines nie niemals ohne nichts niemand nirgends "
        "weder"
    ),
    opposites=OPPOSITES,
    synonyms=SYNONYMS,
    acts=(
        "machen mache macht tun",
        "benutzen verwenden",
        "finden",
        "zeigen zeig",
        "geben gib",
        "gehen gehe",
    ),
    classes=(
        "tag tage tagen woche wochen monat monate monaten quartal jahr jahre jahren stunde stunden",
        "rot blau grun gelb schwarz weiss orange lila rosa braun grau",
        "hund katze pferd kuh schwein hase vogel fisch",
        "deutschland frankreich spanien italien portugal osterreich schweiz polen turkei england "
        "schweden norwegen danemark russland china japan indien",
        "berlin hamburg munchen koln wien zurich paris london rom madrid",
        "deutsch englisch franzosisch spanisch italienisch portugiesisch niederlandisch russisch",
        "windows linux macos mac android ios iphone",
        "fruhling sommer herbst winter",
        "bus zug flugzeug taxi fahrrad auto",
        "kind erwachsene jugendliche senioren student rentner",
    ),
    akin=AKIN,
    senses=SENSES,
    prefixes="an ab auf aus um un vor ver be ge er ent ein zu bei nach mit weg hin her",
    apart=APART,
    phrases=PHRASES,
    distributives="jede jeder jedes jeden",
    quantifiers=(
        "alle alles jede jeder jedes jeden immer samtliche",
        "einige manche mehrere manchmal",
        "kein keine keinen niemand nichts nie",
        "nur ausschliesslich lediglich",
        "meisten meistens",
        "wenige selten",
        "beide beiden",
    ),
    numbers=dict(
        zip(
            listed(
                "null zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn "
                "vierzehn funfzehn sechzehn siebzehn achtzehn neunzehn"
            ),
            (0, *range(2, 20)),
            strict=True,
        )
    )
    | dict(zip(_TENS, range(20, 100, 10), strict=True))
    | _COMPOUND
    | {
        "hundert": 100,
        "einhundert": 100,
        "zweihundert": 200,
        "dreihundert": 300,
        "funfhundert": 500,
        "tausend": 1000,
        "eintausend": 1000,
        "zweitausend": 2000,
        "million": 10**6,
        "millionen": 10**6,
        "milliarde": 10**9,
        "milliarden": 10**9,
        "dutzend": 12,
        "zweimal": 2,
        "dreimal": 3,
    },
    ordinals={"zweite": 2, "zweiten": 2, "dritte": 3, "dritten": 3, "vierte": 4, "funfte": 5},
    ones="ein eine einen einem einer eins einmal",
    joiners="und",
    months=(
        "januar janner",
        "februar",
        "marz",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "dezember",
    ),
    weekdays=(
        "montag montags",
        "dienstag dienstags",
        "mittwoch mittwochs",
        "donnerstag donnerstags",
        "freitag freitags",
        "samstag samstags sonnabend",
        "sonntag sonntags",
    ),
    units=(
        "second sekunde sekunden",
        "minute minuten",
        "hour stunde stunden std",
        "day tag tage tagen taglich",
        "week woche wochen wochentlich",
        "month monat monate monaten monatlich",
        "year jahr jahre jahren jahrlich",
        "km kilometer",
        "meter metern",
        "cm zentimeter",
        "mile meile meilen",
        "kg kilo kilogramm",
        "gram gramm",
        "litre liter",
        "percent prozent",
        "eur euro",
        "usd dollar",
        "chf franken",
        "gb gigabyte",
        "mb megabyte",
        "celsius grad",
    ),
    accents=(
        "kuchen | küchen küche",
        "drucken drucke druckt druckst gedruckt ausdrucken ausgedruckt "
        "| drücken drücke drückt drückst gedrückt ausdrücken ausgedrückt",
        "zahlen zahle zahlt zahlst gezahlt auszahlen ausgezahlt "
        "| zählen zähle zählt zählst gezählt auszählen ausgezählt",
        "fordern fordere fordert gefordert forderung | fördern fördere fördert gefördert förderung",
        "tauschen tausche tauscht getauscht | täuschen täusche täuscht getäuscht",
        "stutzen gestutzt | stützen gestützt",
        "schwul | schwül",
        "bluten blute | blüten blüte",
        "schon | schön",
        "dampfen gedampft | dämpfen gedämpft",
        "drohne drohnen | dröhnen",
    ),
    questions={
        "wie_viel": Question.HOW_MUCH,
        "wie_viele": Question.HOW_MUCH,
        "wie_lange": Question.HOW_LONG,
        "wie_lang": Question.HOW_LONG,
        "wie_oft": Question.HOW_LONG,
        "wie_hoch": Question.HOW_MUCH,
        "wie_alt": Question.HOW_MUCH,
        "wie_weit": Question.HOW_MUCH,
        "wie_gross": Question.HOW_MUCH,
        "wie_schwer": Question.HOW_MUCH,
        "wie_teuer": Question.HOW_MUCH,
        "wieviel": Question.HOW_MUCH,
        "wieviele": Question.HOW_MUCH,
        "wer": Question.WHO,
        "wen": Question.WHO,
        "wem": Question.WHO,
        "wessen": Question.WHO,
        "wo": Question.WHERE,
        "wohin": Question.WHERE,
        "woher": Question.WHERE,
        "wann": Question.WHEN,
        "warum": Question.WHY,
        "wieso": Question.WHY,
        "weshalb": Question.WHY,
        "was": Question.WHAT,
        "welche": Question.WHICH,
        "welcher": Question.WHICH,
        "welches": Question.WHICH,
        "wie": Question.HOW,
    },
    openers="ist sind war waren kann konnen darf muss soll wird werden hat haben habe gibt",
    past="war waren hatte hatten wurde wurden",
    present="ist sind hat haben habe",
    future="wird werden werde",
    passives="werden wird worden",
    conditionals="wenn falls ob ware wurde wurden",
    source="von vom aus ab",
    target="nach zu zum zur bis ins in",
    turns=(
        "+bis_wann",
        "noch | schon bereits noch_nicht | ?wieder ?erneut ?nochmals | "
        "nicht_mehr keine_mehr keinen_mehr",
        "wenn falls | +ausser_wenn | +selbst_wenn +auch_wenn | +nur_wenn",
        "als | so_wie genauso_wie",
        "+statt +anstatt +anstelle",
    ),
    bounds=(
        "mindestens minimal wenigstens",
        "hochstens maximal bis_zu",
        "mehr_als uber",
        "weniger_als unter",
        "genau",
    ),
    relations=(
        "vor",
        "nach",
        "wahrend",
        "innerhalb",
        "bis",
        "seit ab",
        "uber",
        "unter",
        "mit",
        "ohne",
    ),
    conjunctions="und oder sowie zwischen bzw",
    prepositions=(
        "im am auf bei mit ohne fur uber unter vor hinter durch gegen um wegen wahrend seit ab an "
        "neben pro per als"
    ),
)
