"""Dutch."""

from __future__ import annotations

import re
from typing import Final

from .grammar import Doers, Places, Whither, words
from .lookalikes import LOOKALIKES
from .table import Lexicon, Question, listed, without_endings

_ENDINGS: Final = ("ingen", "ing", "en", "es", "e", "s", "t")

_LONG: Final = re.compile(r"([aeou])\1")
"""A vowel is written double in "annuleer" and single in "annuleren", a consonant the other way round:
"opzeg", "opzeggen"."""

_DIGITS: Final = listed("een twee drie vier vijf zes zeven acht negen")
_TENS: Final = listed("twintig dertig veertig vijftig zestig zeventig tachtig negentig")
_COMPOUND: Final = {
    f"{digit}en{tens}": (place + 2) * 10 + unit
    for place, tens in enumerate(_TENS)
    for unit, digit in enumerate(_DIGITS, 1)
}


def stem(word: str) -> str:
    """Take inflection away where enough of the word is left."""
    if len(word) < 5:
        return word
    word = _LONG.sub(r"\1", without_endings(word, _ENDINGS))
    return word[:-1] if word[-1:] == word[-2:-1] else word


def participle(word: str) -> bool:
    """Whether a form may stand behind what it is done to."""
    return word.startswith("ge")


LEXICON: Final = Lexicon(
    code="nl",
    places=Places(
        to=words("naar"),
        inside=words("in binnen"),
        away=words("vanuit vanaf"),
        means=words("met"),
    ),
    doers=Doers(done=words("t de te"), plural="s"),
    whither=Whither("waarheen", words("heen naartoe")),
    belonging="van",
    split_off="aan op uit af in toe voor na om mee door terug weg over",
    or_not="niet",
    lookalikes=LOOKALIKES["nl"],
    verbs_last=True,
    stem=stem,
    participle=participle,
    function=(
        "de het een ik je jij u hij zij ze we wij jullie me mij hem haar ons hen hun mijn "
        "jouw uw zijn "
        "onze dit dat deze die er hier daar ook nog al zo dus zeer erg om te kan kunnen kunt "
        "kon mag "
        "mogen moet moeten zou zouden wil wilt willen doe doen doet ben bent zijn word worden "
        "heb hebt "
        "hebben hallo bedankt alsjeblieft alstublieft ja als of want niet geen alle elke "
        "ieder iedere "
        "sommige enkele alles iets zelf men graag"
    ),
    soft=(
        "manier manieren methode stap stappen proces ding dingen zeg zeggen vertel vertellen "
        "uitleggen leg uit "
        "tonen help helpen hulp geef geven mogelijk beste goed goede idee tip tips advies nodig "
        "weten mensen mens persoon betekent betekenis voorbeeld soort reden verschil werkt werken "
        "gebruiken gebruik eenvoudig makkelijk snel goed vraag antwoord informatie vinden "
        "precies normaal begrijpen gaat"
    ),
    negations="niet geen nooit zonder niets niemand nergens noch",
    opposites=(
        "maken maak maakt | annuleren annuleer afzeggen",
        "aan aanzetten inschakelen activeren deblokkeren | uit uitzetten uitschakelen "
        "deactiveren blokkeren",
        "voor | na",
        "verhogen stijgen vergroten | verlagen verminderen dalen",
        "meer | minder",
        "maximaal maximum hoogste | minimaal minimum laagste",
        "kopen aankoop | verkopen verkoop",
        "verzenden sturen versturen | ontvangen krijgen",
        "afzender | ontvanger",
        "eerste | laatste",
        "storten storting | opnemen opname",
        "uitlenen | lenen",
        "importeren invoer | exporteren uitvoer",
        "uploaden | downloaden",
        "installeren | verwijderen",
        "toevoegen | verwijderen",
        "aanmaken openen maken | verwijderen sluiten opzeggen",
        "starten beginnen | stoppen eindigen",
        "openen open opening | sluiten gesloten dicht",
        "accepteren toestaan goedkeuren | weigeren verbieden afwijzen",
        "inloggen aanmelden | uitloggen afmelden",
        "abonneren | opzeggen",
        "winnen | verliezen",
        "veilig | gevaarlijk onveilig",
        "legaal | illegaal",
        "voordeel voordelen | nadeel nadelen",
        "oorzaak oorzaken | gevolg gevolgen",
        "heet warm | koud",
        "groot grote groter | klein kleine kleiner",
        "hoog hoge hoger | laag lage lager",
        "lang lange langer | kort korte korter",
        "snel sneller snelste | langzaam langzamer",
        "oud oude | nieuw nieuwe jong jonge",
        "rijk | arm",
        "man mannen jongen | vrouw vrouwen meisje",
        "vader | moeder",
        "zoon | dochter",
        "broer | zus",
        "moeilijk | makkelijk gemakkelijk",
        "goedkoop goedkoopste | duur duurste",
        "goed beste beter | slecht slechtste slechter",
        "sterk | zwak",
        "waar juist | onwaar fout",
        "links | rechts",
        "binnen | buiten",
        "boven | onder",
        "intern | extern",
        "ingang | uitgang",
        "aankomst | vertrek",
        "vroeg | laat",
        "dag | nacht",
        "zomer | winter",
        "zelfde gelijk | verschillend anders",
        "openbaar publiek | prive",
        "positief | negatief",
        "werkgever | werknemer",
        "verhuurder | huurder",
        "koper | verkoper",
        "binnenland | buitenland",
        "bruto | netto",
        "met | zonder",
        "altijd | nooit",
        "levend | dood",
        "heen | terug",
        "optellen | aftrekken",
        "aannemen | ontslaan",
        "weergeven tonen | verbergen",
        "volgende | vorige",
        "vol | leeg",
    ),
    synonyms=(
        "zetten zet aanzetten uitzetten",
        "schakelen schakel inschakelen uitschakelen",
        "kopen aanschaffen",
        "beginnen starten begint start begin",
        "wijzigen veranderen aanpassen wijziging",
        "auto wagen voertuig",
        "telefoon mobiel smartphone",
        "prijs kosten kost tarief",
        "wachtwoord paswoord",
        "bedrijf onderneming",
        "werk baan",
        "verloren verliezen kwijt",
        "gestolen diefstal",
        "bestellen bestelling",
        "aanvragen aanvraag",
        "verwijderen wissen",
        "annuleren annulering opzeggen",
        "levering bezorging bezorgen leveren",
        "betalen betaling",
        "terugbetaling terugbetalen restitutie",
        "terugsturen retourneren retour",
        "repareren oplossen",
        "arts dokter",
        "overmaken overboeking overschrijving",
        "kind kinderen",
        "openingstijden open geopend",
        "verzending verzendkosten",
        "sim simkaart",
    ),
    akin=(
        "nodig vereist noodzakelijk",
        "artikel product",
        "klantenservice klantendienst",
        "pakket pakje pakketje bestelling zending",
        "opzeggen annuleren",
        "huisarts dokter arts",
        "levering levertijd",
        "levering verzending",
        "telefoon gsm mobiel",
        "medewerker werknemer personeel",
        "vakantie verlof",
        "loon salaris",
        "krijgen ontvangen krijg ontvang",
        "sturen verzenden versturen opsturen",
        "kortingscode coupon voucher",
        "inwisselen gebruiken verzilveren",
        "registreren inschrijven aanmelden",
        "kapot defect stuk beschadigd",
        "bekijken inzien",
        "ophalen afhalen",
        "abonnement lidmaatschap",
        "wachtwoord paswoord",
        "medicijn geneesmiddel",
        "ziekenhuis kliniek",
        "contact contacteren",
        "verlengen vernieuwen",
        "gedekt dekking dekt",
        "documenten papieren",
        "leveren bezorgen verzenden",
        "verplicht vereist",
        "tekenen symptomen",
        "behandelen behandeling",
        "bezoeken reizen gaan",
        "inbegrepen inclusief",
        "kaartjes tickets",
    ),
    acts=(
        "gebruiken gebruik",
        "vinden",
        "tonen",
        "geven geef",
        "werkt werken",
        "begrijpen",
    ),
    classes=(
        "dag dagen week weken maand maanden kwartaal jaar jaren uur uren",
        "rood blauw groen geel zwart wit oranje paars roze bruin grijs",
        "hond kat paard koe varken konijn vogel vis",
        "nederland belgie duitsland frankrijk spanje italie portugal engeland china japan",
        "amsterdam rotterdam utrecht eindhoven antwerpen brussel gent parijs londen berlijn rome",
        "engels duits frans spaans italiaans portugees nederlands chinees japans russisch",
        "windows linux macos mac android ios iphone",
        "lente zomer herfst winter",
        "bus trein vliegtuig taxi fiets auto",
        "kind volwassene tiener student gepensioneerde",
    ),
    senses=(
        "resetten: herstellen, herstel | wachtwoord pincode",
        "contacteren: bereik, bereiken, bereikt | klantenservice klantendienst helpdesk support jullie "
        "u iemand medewerker",
        "opzeggen: stop, stoppen, beeindig, beeindigen | abonnement contract lidmaatschap",
    ),
    prefixes="aan af op uit om on ver voor be ge in toe over ont her mee na",
    apart=(
        "teken tekening",
        "contact contract",
        "betaling bepaling",
        "zieken zoeken",
    ),
    phrases=(
        "open: gaat ~ open, gaan ~ open, gaat open, gaan open",
        "dicht: gaat ~ dicht, gaan ~ dicht, gaat dicht, gaan dicht",
        "aanzetten: zet ~ aan",
        "wanneer: hoe laat, vanaf hoe laat, vanaf wanneer",
        "uitzetten: zet ~ uit",
        "terugzetten: zet ~ terug",
        "aanmelden: meld ~ aan",
        "afmelden: meld ~ af",
        "inloggen: log ~ in",
        "uitloggen: log ~ uit",
        "aanvragen: vraag ~ aan",
        "terugsturen: stuur ~ terug",
        "opzeggen: zeg ~ op",
        "toevoegen: voeg ~ toe",
        "waar: waar blijft, waar blijven, waar bevindt zich, waar bevinden zich",
        "terugbetaling: geld terug, mijn geld terug",
        "sim: sim kaart",
        "boeken: maak ~ +afspraak, maken ~ +afspraak, plan ~ +afspraak",
    ),
    distributives="elke elk ieder iedere",
    quantifiers=(
        "alle alles elke elk ieder iedere altijd",
        "sommige enkele soms",
        "geen niemand niets nooit",
        "alleen slechts enkel",
        "meeste",
        "weinig zelden",
        "beide",
    ),
    numbers=dict(
        zip(
            listed(
                "nul twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien "
                "vijftien zestien zeventien achttien negentien"
            ),
            (0, *range(2, 20)),
            strict=True,
        )
    )
    | dict(zip(_TENS, range(20, 100, 10), strict=True))
    | _COMPOUND
    | {
        "honderd": 100,
        "tweehonderd": 200,
        "vijfhonderd": 500,
        "duizend": 1000,
        "miljoen": 10**6,
        "miljard": 10**9,
        "dozijn": 12,
    },
    ordinals={"tweede": 2, "derde": 3, "vierde": 4, "vijfde": 5},
    ones="een eenmaal",
    joiners="en",
    months=(
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ),
    weekdays=("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    units=(
        "second seconde seconden",
        "minute minuut minuten",
        "hour uur uren",
        "day dag dagen dagelijks",
        "week weken wekelijks",
        "month maand maanden maandelijks",
        "year jaar jaren jaarlijks",
        "km kilometer kilometers",
        "meter meters",
        "cm centimeter centimeters",
        "mile mijl mijlen",
        "kg kilo kilogram",
        "litre liter liters",
        "percent procent",
        "eur euro",
        "usd dollar dollars",
        "celsius graden graad",
    ),
    questions={
        "hoe_lang": Question.HOW_LONG,
        "hoe_vaak": Question.HOW_LONG,
        "hoe_laat": Question.WHEN,
        "hoe_duur": Question.HOW_MUCH,
        "hoeveel": Question.HOW_MUCH,
        "wie": Question.WHO,
        "waar": Question.WHERE,
        "waarheen": Question.WHERE,
        "wanneer": Question.WHEN,
        "waarom": Question.WHY,
        "wat": Question.WHAT,
        "welke": Question.WHICH,
        "welk": Question.WHICH,
        "hoe": Question.HOW,
    },
    openers="is zijn was kan mag moet heeft heb wordt",
    past="was waren had hadden werd werden",
    present="is zijn heeft hebben",
    future="zal zullen",
    passives="worden wordt",
    conditionals="als indien zou",
    source="van vanuit",
    target="naar tot",
    turns=(
        "+tot_wanneer +tot_hoe",
        "nog | al reeds | weer ?opnieuw | niet_meer geen_meer",
        "als wanneer | +tenzij | +zelfs_als | +alleen_als",
        "dan | even_als zo_als",
        "+in_plaats",
    ),
    bounds=(
        "minstens minimaal",
        "hoogstens maximaal tot",
        "meer_dan boven",
        "minder_dan onder",
        "precies",
    ),
    relations=(
        "na",
        "tijdens",
        "binnen",
        "tot",
        "sinds vanaf",
        "boven",
        "onder",
        "met",
        "zonder",
        "tegen",
    ),
    conjunctions="en of tussen",
    prepositions="in op bij met zonder voor over onder achter door tegen tijdens na vanaf per als dan",
)
