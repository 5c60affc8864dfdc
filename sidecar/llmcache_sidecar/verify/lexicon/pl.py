"""Polish."""

from __future__ import annotations

from typing import Final

from .table import Lexicon, Question, listed

_ENDINGS: Final = (
    "owania",
    "owanie",
    "owac",
    "eniem",
    "enia",
    "enie",
    "ania",
    "anie",
    "ami",
    "ach",
    "ego",
    "emu",
    "ych",
    "ymi",
    "ej",
    "om",
    "ow",
    "em",
    "ac",
    "ic",
    "yc",
    "ec",
    "a",
    "e",
    "i",
    "o",
    "u",
    "y",
)

_TENS: Final = {
    "dwadziescia": 20,
    "trzydziesci": 30,
    "czterdziesci": 40,
    "piecdziesiat": 50,
    "szescdziesiat": 60,
    "siedemdziesiat": 70,
    "osiemdziesiat": 80,
    "dziewiecdziesiat": 90,
    "dwudziestu": 20,
    "trzydziestu": 30,
    "czterdziestu": 40,
    "piecdziesieciu": 50,
    "szescdziesieciu": 60,
    "siedemdziesieciu": 70,
    "osiemdziesieciu": 80,
    "dziewiecdziesieciu": 90,
}


def stem(word: str) -> str:
    """Take inflection away where enough of the word is left."""
    if len(word) < 5:
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def participle(word: str) -> bool:
    """Whether a form may stand behind what it is done to."""
    return word.endswith(("any", "ana", "ane", "ony", "ona", "one", "ety", "eta", "ete"))


LEXICON: Final = Lexicon(
    code="pl",
    stem=stem,
    participle=participle,
    function=(
        "ja ty on ona ono my wy oni one mnie mi mna ciebie ci cie toba jego jej mu go ich im nas "
        "nam was wam moj moja moje mojego mojej moim mojemu moich twoj twoja twoje swoj swoja "
        "swoje swojego swojej swoim nasz nasza nasze wasz wasza wasze ten ta to te tego tej temu "
        "tym tych tam tu tutaj sie siebie jest sa zostal zostala zostalo zostac "
        "byc byl byla bylo bedzie moge moze mozna "
        "mozesz mozecie musze musi trzeba nalezy powinienem powinnam powinien mam masz ma mamy "
        "maja chce chcesz chcialbym chcialabym prosze zeby aby by juz tez takze bardzo tak no "
        "oraz czy jak co jakis jakas jakies nie wszystkie wszystkich wszystko kazdy kazda kazde "
        "niektore niektorzy zaden zadna tylko ktory ktora ktore jaki jaka jakie jakich"
    ),
    soft=(
        "sposob sposoby metoda metody krok kroki proces rzecz rzeczy powiedz powiedziec wyjasnij "
        "wyjasnic pokaz pokazac pomoc pomoz pomozcie daj dac mozliwe mozliwy najlepszy najlepsza "
        "najlepsze najlepiej dobry dobra dobre dobrze pomysl porada porady rada rady potrzebuje "
        "potrzebne potrzebny wiedziec dowiedziec znac ludzie osoba osoby znaczy oznacza znaczenie "
        "przyklad rodzaj typ powod roznica dziala dzialaja uzywac uzyc prosto latwo szybko "
        "pytanie odpowiedz informacja informacje znalezc dokladnie zwykle normalnie rozumiec robic "
        "zrobic robi"
    ),
    negations="nie nigdy nic nikt bez ani zaden zadna zadne nigdzie",
    opposites=(
        "wlaczyc wlaczam wlacz aktywowac odblokowac wlaczanie | "
        "wylaczyc wylaczam wylacz dezaktywowac zablokowac wylaczanie",
        "przed | po",
        "zwiekszyc podniesc podwyzszyc | zmniejszyc obnizyc zredukowac",
        "wiecej wiekszy | mniej mniejszy",
        "maksymalny maksymalna maksimum najwyzszy najwyzsza | "
        "minimalny minimalna minimum najnizszy najnizsza",
        "kupic kupno kupowac | sprzedac sprzedaz sprzedawac",
        "wyslac wysylac nadac | otrzymac odebrac dostac",
        "nadawca | odbiorca",
        "pierwszy pierwsza pierwsze | ostatni ostatnia ostatnie",
        "wplacic wplata | wyplacic wyplata",
        "pozyczyc_komus | pozyczyc_od",
        "import importowac | eksport eksportowac",
        "przeslac wgrac | pobrac sciagnac",
        "zainstalowac | odinstalowac usunac",
        "dodac | usunac",
        "utworzyc zalozyc otworzyc | usunac zamknac skasowac",
        "zaczac rozpoczac uruchomic | skonczyc zakonczyc zatrzymac",
        "otworzyc otwarte otwarty otwarcia | zamknac zamkniete zamkniety zamkniecia",
        "zaakceptowac przyjac dozwolone pozwolic | odrzucic zabronione zabronic odmowic",
        "polaczyc podlaczyc | rozlaczyc odlaczyc",
        "zalogowac logowanie | wylogowac wylogowanie",
        "zameldowac | wymeldowac",
        "zasubskrybowac zapisac | odsubskrybowac wypisac anulowac",
        "wygrac | przegrac",
        "kochac | nienawidzic",
        "bezpieczny bezpieczne bezpieczna bezpiecznie | niebezpieczny niebezpieczne niebezpieczna",
        "legalny legalne legalna | nielegalny nielegalne nielegalna",
        "zaleta zalety | wada wady",
        "przyczyna przyczyny | skutek skutki",
        "goracy cieply | zimny",
        "duzy duza duze wiekszy | maly mala male mniejszy",
        "wysoki wysoka wysokie | niski niska niskie",
        "dlugi dluga dlugie | krotki krotka krotkie",
        "szybki szybka szybko | wolny wolna wolno powoli",
        "stary stara stare | nowy nowa nowe mlody mloda",
        "bogaty | biedny",
        "mezczyzna mezczyzni meski chlopiec | kobieta kobiety zenski dziewczynka",
        "ojciec | matka",
        "syn | corka",
        "brat | siostra",
        "trudny trudne | latwy latwe",
        "tani tania tanie tanszy najtanszy | drogi droga drogie drozszy najdrozszy",
        "lepszy najlepszy dobry | gorszy najgorszy zly",
        "silny | slaby",
        "prawda prawdziwy | falsz falszywy",
        "lewo lewy lewa | prawo prawy prawa",
        "wewnatrz wewnetrzny | zewnatrz zewnetrzny",
        "gora gorny | dol dolny",
        "wejscie wjazd | wyjscie wyjazd",
        "przyjazd przylot | odjazd odlot",
        "wczesnie wczesniej | pozno pozniej",
        "dzien | noc",
        "lato latem | zima zimie",
        "taki_sam | inny inna inne",
        "publiczny | prywatny",
        "pozytywny dodatni | negatywny ujemny",
        "zonaty zamezna | kawaler panna",
        "pracodawca | pracownik",
        "wlasciciel wynajmujacy | najemca lokator",
        "sprzedawca | kupujacy",
        "krajowy | miedzynarodowy zagraniczny",
        "brutto | netto",
        "z ze | bez",
        "zawsze | nigdy",
        "zywy | martwy",
        "zaszyfrowac | odszyfrowac",
        "zatrudnic | zwolnic",
        "pokazac | ukryc",
        "nastepny | poprzedni",
        "pelny | pusty",
    ),
    synonyms=(
        "wlaczyc wlaczam wlacz aktywowac",
        "wylaczyc wylaczam wylacz dezaktywowac",
        "kupic nabyc kupno",
        "zaczac rozpoczac zaczyna rozpoczyna zaczynaja rozpoczynaja",
        "zmienic zmieniam zmiana zmieniac modyfikowac",
        "samochod auto pojazd",
        "telefon komorka smartfon",
        "cena koszt kosztuje kosztowac oplata",
        "haslo hasla",
        "firma przedsiebiorstwo",
        "praca zatrudnienie",
        "zgubic zgubilem zgubilam zgubiony zgubiona",
        "ukrasc skradziono ukradli kradziez skradziona",
        "zamowic zamowienie zamowienia",
        "usunac usuwam skasowac usuniecie",
        "anulowac anuluje anulowanie odwolac zrezygnowac",
        "dostawa wysylka przesylka dostarczenie",
        "placic zaplacic platnosc oplacic",
        "zwrot zwrocic oddac",
        "zresetowac resetowac odzyskac przywrocic",
        "naprawic rozwiazac",
        "sklep sklepu",
        "lekarz doktor",
        "dziecko dzieci dziecka",
        "otrzymac dostac uzyskac",
        "zalozyc zakladam utworzyc stworzyc",
        "adres lokalizacja",
        "otwarcia otwarte otwarty otwieracie czynne",
    ),
    acts=(
        "uzywac uzyc",
        "znalezc",
        "pokazac pokaz",
        "dac daj",
        "dziala dzialaja",
        "rozumiec",
        "robic zrobic robi",
    ),
    classes=(
        "czerwony niebieski zielony zolty czarny bialy pomaranczowy fioletowy rozowy brazowy szary",
        "pies kot kon krowa swinia krolik ptak ryba",
        "polska niemcy francja hiszpania wlochy portugalia czechy slowacja ukraina rosja chiny "
        "japonia anglia",
        "warszawa krakow wroclaw poznan gdansk lodz berlin paryz londyn madryt rzym praga",
        "angielski niemiecki francuski hiszpanski wloski polski rosyjski chinski czeski",
        "windows linux macos mac android ios iphone",
        "wiosna lato jesien zima",
        "autobus pociag samolot taksowka rower samochod tramwaj",
        "dziecko dorosly nastolatek student emeryt",
    ),
    quantifiers=(
        "wszystkie wszystkich wszystko wszyscy kazdy kazda kazde zawsze",
        "niektore niektorzy niektorych kilka kilku pewne",
        "zaden zadna zadne nikt nic nigdy",
        "tylko wylacznie jedynie",
        "wiekszosc",
        "malo niewiele",
        "oba obie obaj",
    ),
    numbers=dict(
        zip(
            listed(
                "zero dwa trzy cztery piec szesc siedem osiem dziewiec dziesiec jedenascie "
                "dwanascie trzynascie czternascie pietnascie szesnascie siedemnascie osiemnascie "
                "dziewietnascie"
            ),
            (0, *range(2, 20)),
            strict=True,
        )
    )
    | _TENS
    | {
        "dwie": 2,
        "dwoch": 2,
        "dwoje": 2,
        "trzech": 3,
        "czterech": 4,
        "pieciu": 5,
        "szesciu": 6,
        "siedmiu": 7,
        "osmiu": 8,
        "dziewieciu": 9,
        "dziesieciu": 10,
        "sto": 100,
        "dwiescie": 200,
        "trzysta": 300,
        "czterysta": 400,
        "piecset": 500,
        "tysiac": 1000,
        "tysiace": 1000,
        "tysiecy": 1000,
        "milion": 10**6,
        "miliony": 10**6,
        "milionow": 10**6,
        "tuzin": 12,
    },
    ordinals={
        "drugi": 2,
        "druga": 2,
        "drugie": 2,
        "trzeci": 3,
        "trzecia": 3,
        "czwarty": 4,
        "czwarta": 4,
        "piaty": 5,
        "piata": 5,
    },
    ones="jeden jedna jedno jednego jednej",
    months=(
        "styczen stycznia styczniu",
        "luty lutego lutym",
        "marzec marca marcu",
        "kwiecien kwietnia kwietniu",
        "maj maja maju",
        "czerwiec czerwca czerwcu",
        "lipiec lipca lipcu",
        "sierpien sierpnia sierpniu",
        "wrzesien wrzesnia wrzesniu",
        "pazdziernik pazdziernika pazdzierniku",
        "listopad listopada listopadzie",
        "grudzien grudnia grudniu",
    ),
    weekdays=(
        "poniedzialek poniedzialki",
        "wtorek wtorki",
        "sroda srode srody",
        "czwartek czwartki",
        "piatek piatki",
        "sobota sobote soboty",
        "niedziela niedziele",
    ),
    units=(
        "second sekunda sekundy sekund",
        "minute minuta minuty minut",
        "hour godzina godziny godzin",
        "day dzien dni",
        "week tydzien tygodnie tygodni",
        "month miesiac miesiace miesiecy",
        "year rok lata lat",
        "km kilometr kilometry kilometrow",
        "meter metr metry metrow",
        "cm centymetr centymetrow",
        "mile mila mile mil",
        "kg kilogram kilo kilogramow",
        "gram gramy gramow",
        "litre litr litry litrow",
        "percent procent",
        "pln zloty zlote zlotych zl",
        "eur euro",
        "usd dolar dolary dolarow",
        "celsius stopien stopni",
    ),
    questions={
        "jak_dlugo": Question.HOW_LONG,
        "jak_czesto": Question.HOW_LONG,
        "o_ktorej": Question.WHEN,
        "ile_czasu": Question.HOW_LONG,
        "ile": Question.HOW_MUCH,
        "kto": Question.WHO,
        "gdzie": Question.WHERE,
        "dokad": Question.WHERE,
        "kiedy": Question.WHEN,
        "dlaczego": Question.WHY,
        "czemu": Question.WHY,
        "co": Question.WHAT,
        "jaki": Question.WHICH,
        "jaka": Question.WHICH,
        "jakie": Question.WHICH,
        "ktory": Question.WHICH,
        "ktora": Question.WHICH,
        "ktore": Question.WHICH,
        "jak": Question.HOW,
    },
    openers="czy",
    past="byl byla bylo byli byly",
    present="jest sa",
    future="bedzie beda bede",
    passives="jest sa zostac byc",
    conditionals="jesli jezeli gdyby",
    source="z ze od",
    target="do na",
    relations=("przed", "po", "podczas", "nad", "pod", "bez", "przeciw"),
    conjunctions="i oraz lub albo czy a miedzy",
    prepositions=(
        "w we przy dla bez pod nad przez podczas wedlug przeciw o za przed po u wobec poprzez jako"
    ),
)
