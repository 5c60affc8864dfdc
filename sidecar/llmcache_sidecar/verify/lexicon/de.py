"""German."""

from __future__ import annotations

import re
from typing import Final

from .lookalikes import LOOKALIKES
from .table import Lexicon, Question, listed, without_endings

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
    opposites=(
        "zunehmen | abnehmen",
        "machen mache vereinbaren buchen | stornieren storniere absagen loschen losche",
        "an | ab",
        "an ein einschalten anschalten aktivieren freischalten | aus ausschalten abschalten "
        "deaktivieren sperren",
        "aktivieren entsperren freigeben | deaktivieren sperren blockieren",
        "einschalten anschalten anmachen | ausschalten abschalten ausmachen",
        "einschaltet anschaltet | ausschaltet abschaltet",
        "vor vorher bevor | nach nachher nachdem danach",
        "erhohen steigern steigen vergrossern zunehmen | senken verringern reduzieren sinken "
        "abnehmen verkleinern",
        "mehr | weniger",
        "maximal maximum hochste hochstens grosste | minimal minimum niedrigste mindestens "
        "kleinste",
        "kaufen kauf gekauft | verkaufen verkauf verkauft",
        "senden schicken verschicken absenden | empfangen erhalten bekommen",
        "absender | empfanger",
        "erste ersten erster erstes alteste | letzte letzten letzter letztes neueste",
        "einzahlen einzahlung | abheben auszahlen auszahlung abhebung",
        "leihen ausleihen | verleihen",
        "importieren import einfuhr | exportieren export ausfuhr",
        "hochladen | herunterladen",
        "installieren | deinstallieren",
        "hinzufugen | entfernen loschen",
        "erstellen anlegen eroffnen | loschen schliessen kundigen",
        "starten beginnen anfangen | stoppen beenden aufhoren",
        "offnen offen geoffnet auf | schliessen geschlossen zu",
        "annehmen akzeptieren erlauben genehmigen | ablehnen verweigern verbieten",
        "anmelden anmeldung einloggen | abmelden abmeldung ausloggen",
        "abonnieren | abbestellen kundigen",
        "gewinnen gewinn | verlieren verlust",
        "sicher ungefahrlich | gefahrlich unsicher",
        "legal erlaubt | illegal verboten",
        "vorteil vorteile | nachteil nachteile",
        "ursache ursachen | folge folgen wirkung",
        "heiss warm | kalt kuhl",
        "gross grosse grosser | klein kleine kleiner",
        "hoch hohe hoher | niedrig tief niedriger",
        "lang lange langer langste | kurz kurze kurzer kurzeste",
        "schnell schneller schnellste | langsam langsamer langsamste",
        "alt alte alter | neu neue jung junge junger",
        "reich | arm",
        "mann manner mannlich junge | frau frauen weiblich madchen",
        "vater | mutter",
        "sohn | tochter",
        "bruder | schwester",
        "schwer schwierig | leicht einfach",
        "billig gunstig gunstigste billigste | teuer teuerste",
        "gut beste besten besser | schlecht schlechteste schlimmste schlechter",
        "stark | schwach",
        "wahr richtig | falsch",
        "links | rechts",
        "innen drinnen | aussen draussen",
        "oben uber | unten unter",
        "intern | extern",
        "eingang | ausgang",
        "ankunft ankommen | abfahrt abflug",
        "fruh fruher | spat spater",
        "tag | nacht",
        "morgens | abends",
        "sommer | winter",
        "gleich gleiche | verschieden anders",
        "offentlich | privat",
        "positiv | negativ",
        "ledig | verheiratet",
        "arbeitgeber | arbeitnehmer",
        "vermieter | mieter",
        "kaufer | verkaufer",
        "inland | ausland",
        "brutto | netto",
        "mit | ohne",
        "immer | nie niemals",
        "lieben | hassen",
        "lebendig | tot",
        "voll | leer",
        "addieren plus | subtrahieren minus",
        "multiplizieren mal | dividieren geteilt",
        "verbinden | trennen",
        "verschlusseln | entschlusseln",
        "einstellen | entlassen",
        "anzeigen einblenden | ausblenden verbergen",
        "hin | zuruck",
    ),
    synonyms=(
        "schalten schalte einschalten ausschalten anschalten abschalten",
        "anmelden abmelden anmeldung abmeldung",
        "machen anmachen ausmachen",
        "kommen komme fahre fahren",
        "andern anderung wechseln umandern",
        "kaufen erwerben besorgen",
        "beginnen starten anfangen beginn",
        "auto wagen fahrzeug pkw",
        "handy telefon smartphone mobiltelefon",
        "kostet kosten preis gebuhr gebuhren",
        "reparieren beheben losen",
        "passwort kennwort",
        "firma unternehmen",
        "arbeit job stelle",
        "verloren verlieren verlor",
        "gestohlen geklaut",
        "bestellen bestellung",
        "beantragen antrag",
        "kundigen kundigung",
        "stornieren stornierung",
        "lieferung liefern geliefert zustellung",
        "rechnung faktura",
        "zahlen bezahlen zahlung begleichen",
        "uberweisen uberweisung",
        "zurucksetzen zuruckzusetzen",
        "umtauschen umtausch",
        "zuruckgeben rucksendung retoure zuruckschicken zuruckzusenden",
        "erstatten erstattung ruckerstattung",
        "loschen entfernen",
        "aktualisieren update",
        "laden geschaft shop",
        "foto bild",
        "film movie",
        "arzt doktor",
        "kind kinder",
        "geoffnet offnungszeiten",
        "dauert dauer",
        "versand versandkosten",
    ),
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
    akin=(
        "abo abonnement",
        "kundendienst kundenservice",
        "zuruckgeben zurucksenden",
        "artikel produkt ware",
        "paket sendung lieferung",
        "lieferzeit lieferdauer lieferung",
        "lieferkosten lieferung",
        "bekommen erhalten kriegen bekomme erhalte kriege",
        "kontaktieren anrufen kontakt",
        "vereinbaren ausmachen",
        "buchen reservieren",
        "einsehen ansehen anschauen abrufen",
        "verlangern erneuern",
        "abo mitgliedschaft",
        "paket packchen bestellung sendung",
        "kaputt defekt beschadigt",
        "hilfe support unterstutzung",
        "mitarbeiter angestellte arbeitnehmer beschaftigte personal",
        "urlaub ferien",
        "gehalt lohn",
        "konto account",
        "gutschein voucher coupon",
        "rabatt nachlass ermassigung",
        "verschicken versenden schicken senden",
        "telefonnummer rufnummer",
        "kurs lehrgang seminar",
        "einschreiben registrieren anmelden",
        "stornieren absagen",
        "anfordern beantragen",
        "sperren blockieren",
        "entsperren freischalten",
        "freischalten aktivieren",
        "erhohen anheben steigern",
        "senken reduzieren verringern",
        "krank erkrankt",
        "zahlungsmethoden zahlungsarten bezahlmethoden zahlungsmoglichkeiten zahlungsweisen",
        "lieferadresse versandadresse",
        "filiale geschaft",
        "offnen aufmachen",
        "schliessen zumachen",
        "herunterladen downloaden",
        "hochladen uploaden",
        "drucken ausdrucken",
        "ersetzen austauschen",
        "einlosen verwenden nutzen",
        "nutzen benutzen verwenden",
        "abgedeckt gedeckt versichert",
        "medikament arznei arzneimittel medizin",
        "krankenhaus klinik spital",
        "rezept verschreibung",
        "impfung impfen",
        "student studierende",
        "geht funktioniert lauft",
        "unterlagen dokumente papiere",
        "liefern versenden verschicken",
        "verpflichtend obligatorisch pflicht",
        "anzeichen symptome",
        "behandeln behandlung behandelt",
        "versand lieferung",
        "reisen fahren",
        "inbegriffen enthalten inklusive",
        "tickets eintrittskarten karten",
        "reisepass pass",
    ),
    senses=(
        "kontaktieren: erreiche, erreichen, erreicht | sie euch support kundendienst kundenservice "
        "service jemanden mitarbeiter hotline team",
        "eroffnen: offne, offnen | konto girokonto depot",
        "andern: aktualisiere, aktualisieren | adresse daten email nummer profil",
        "kundigen: beende, beenden | abo abonnement vertrag mitgliedschaft",
    ),
    phrases=(
        "zunehmen: nehme ~ zu, nimmt ~ zu",
        "einschalten: schalte ~ ein, schalten ~ ein, schaltet ~ ein",
        "ausschalten: schalte ~ aus, schalten ~ aus, schaltet ~ aus",
        "anmelden: melde ~ an, meldet ~ an",
        "abmelden: melde ~ ab, meldet ~ ab",
        "hochladen: lade ~ hoch, ladt ~ hoch",
        "herunterladen: lade ~ herunter, lade ~ runter, ladt ~ herunter",
        "zurucksetzen: setze ~ zuruck, setzt ~ zuruck",
        "zurucksenden: sende ~ zuruck, schicke ~ zuruck",
        "zuruckgeben: gebe ~ zuruck, gibt ~ zuruck",
        "abnehmen: nehme ~ ab, nimmt ~ ab",
        "einrichten: richte ~ ein, richtet ~ ein",
        "einstellen: stelle ~ ein, stellt ~ ein",
        "umtauschen: tausche ~ um, tauscht ~ um",
        "anrufen: rufe ~ an, ruft ~ an",
        "hinzufugen: fuge ~ hinzu, fugt ~ hinzu",
        "beantragen: stelle ~ antrag",
        "wo: wo bleibt, wo bleiben, wo befindet sich, wo befinden sich",
        "absagen: sage ~ ab, sagt ~ ab",
        "einlosen: lose ~ ein, lost ~ ein",
        "abholen: hole ~ ab, holt ~ ab",
        "anfordern: fordere ~ an, fordert ~ an",
        "ausfullen: fulle ~ aus, fullt ~ aus",
        "einreichen: reiche ~ ein, reicht ~ ein",
        "aufladen: lade ~ auf, ladt ~ auf",
        "freischalten: schalte ~ frei, schaltet ~ frei",
        "abschliessen: schliesse ~ ab",
        "einzahlen: zahle ~ ein, zahlt ~ ein",
        "auszahlen: zahle ~ aus, zahlt ~ aus",
        "abheben: hebe ~ ab, hebt ~ ab",
        "einsehen: sehe ~ ein",
        "erstattung: mein geld zuruck, das geld zuruck, geld zuruck",
        "sim: sim karte, sim karten",
        "kontaktieren: kontakt ~ aufnehmen, kontakt aufnehmen",
    ),
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
