"""Italian."""

from __future__ import annotations

from functools import partial
from typing import Final

from .table import Lexicon, Question, listed, without_endings

# -o and -a stay, they may matter.
_ENDINGS: Final = (
    "azioni",
    "azione",
    "ando",
    "endo",
    "arlo",
    "arla",
    "arsi",
    "are",
    "ere",
    "ire",
    "ato",
    "ata",
    "i",
    "e",
)


def participle(word: str) -> bool:
    """Whether a form may stand behind what it is done to."""
    return word.endswith(("ato", "ata", "ito", "ita", "uto"))


LEXICON: Final = Lexicon(
    code="it",
    stem=partial(without_endings, endings=_ENDINGS),
    participle=participle,
    function=(
        "il lo la i gli le l un uno una io tu lui lei noi voi loro mi ti si ci vi me te mio "
        "mia miei mie "
        "tuo tua suo sua nostro vostro questo questa questi queste quello quella che se anche "
        "molto "
        "gia cosi essere avere ho hai ha abbiamo hanno sono sei siamo posso puo puoi possono "
        "potrei devo "
        "deve devi fare faccio fa voglio vorrei ciao grazie favore tutto tutti tutta tutte ogni "
        "alcuni alcune qualche nessun nessuno nessuna entrambi piu non come d c dell del della dei "
        "qual quale quali chiama citta degli delle al allo alla ai agli alle nel nella nei "
        "sul sulla dal dalla"
    ),
    soft=(
        "modo maniera metodo passo passi processo procedura cosa cose dire dimmi spiegare spiega "
        "spiegami mostrare aiuto aiutare aiutami dare possibile migliore migliori buono idea "
        "consiglio consigli bisogno sapere conoscere gente persona persone significa significato "
        "esempio tipo motivo differenza funziona usare utilizzare semplice facilmente velocemente "
        "correttamente domanda risposta informazione informazioni trovare esattamente "
        "normalmente capire riesco"
    ),
    negations="non mai niente nulla nessuno nessun nessuna senza ne neanche nemmeno",
    opposites=(
        "fare faccio fa effettuare | annullare annullo cancellare cancello ritirare ritiro",
        "attivare attivo attiva accendere abilitare sbloccare | disattivare disattivo disattiva "
        "spegnere disabilitare bloccare",
        "prima | dopo",
        "aumentare alzare | diminuire ridurre abbassare",
        "piu maggiore | meno minore",
        "massimo massima | minimo minima",
        "comprare acquistare acquisto | vendere vendita",
        "inviare mandare spedire | ricevere",
        "mittente | destinatario",
        "primo prima | ultimo ultima",
        "depositare versare deposito | prelevare ritirare prelievo",
        "importare | esportare",
        "caricare | scaricare",
        "installare | disinstallare",
        "aggiungere | rimuovere eliminare togliere",
        "creare aprire | eliminare chiudere cancellare",
        "iniziare cominciare avviare | finire terminare fermare",
        "aprire aperto apertura aprono | chiudere chiuso chiusura chiudono",
        "accettare permettere approvare | rifiutare vietare negare",
        "connettere collegare accedere | disconnettere scollegare uscire",
        "iscriversi iscrivermi abbonarsi | disiscriversi disdire",
        "vincere guadagnare | perdere",
        "amare | odiare",
        "sicuro | pericoloso",
        "legale | illegale",
        "vantaggio vantaggi | svantaggio svantaggi",
        "causa cause | effetto effetti conseguenze",
        "caldo | freddo",
        "grande | piccolo piccola",
        "alto alta | basso bassa",
        "lungo lunga | corto corta breve",
        "veloce rapido | lento",
        "vecchio | giovane nuovo",
        "ricco | povero",
        "uomo uomini ragazzo maschio | donna donne ragazza femmina",
        "padre | madre",
        "figlio | figlia",
        "fratello | sorella",
        "difficile | facile",
        "economico | caro costoso",
        "migliore buono | peggiore cattivo",
        "forte | debole",
        "vero | falso",
        "sinistra | destra",
        "dentro interno | fuori esterno",
        "sopra | sotto",
        "entrata ingresso | uscita",
        "arrivo | partenza",
        "presto | tardi",
        "giorno | notte",
        "mattina | sera",
        "estate | inverno",
        "stesso uguale | diverso",
        "pubblico | privato",
        "positivo | negativo",
        "datore | dipendente",
        "proprietario | inquilino",
        "venditore | acquirente",
        "nazionale | internazionale",
        "lordo | netto",
        "con | senza",
        "sempre | mai",
        "vivo | morto",
        "andata | ritorno",
        "sommare | sottrarre",
        "assumere | licenziare",
        "mostrare | nascondere",
        "prossimo prossima | scorso scorsa",
        "pieno | vuoto",
    ),
    synonyms=(
        "attivare attivo attiva",
        "disattivare disattivo disattiva",
        "aprire apro aprite aperto aperti",
        "comprare acquistare",
        "iniziare cominciare inizia comincia iniziano cominciano",
        "cambiare modificare modifica cambio",
        "auto macchina automobile veicolo",
        "telefono cellulare smartphone",
        "prezzo costo tariffa costa costare",
        "azienda impresa societa",
        "lavoro impiego",
        "perso perdere smarrito",
        "rubato furto",
        "ordinare ordine",
        "richiedere richiesta",
        "eliminare cancellare",
        "annullare annullamento disdire",
        "consegna spedizione",
        "pagare pagamento",
        "rimborso rimborsare",
        "reimpostare ripristinare",
        "riparare risolvere",
        "negozio punto",
        "medico dottore",
        "bambino bimbo",
        "bonifico trasferimento",
        "fattura bolletta",
    ),
    acts=(
        "usare utilizzare",
        "trovare",
        "mostrare",
        "dare",
        "funziona",
        "capire",
    ),
    classes=(
        "giorno giorni settimana settimane mese mesi trimestre anno anni ora ore",
        "rosso blu verde giallo nero bianco arancione viola rosa marrone grigio",
        "cane gatto cavallo mucca maiale coniglio uccello pesce",
        "italia francia germania spagna portogallo svizzera inghilterra cina giappone",
        "roma milano napoli torino firenze bologna parigi londra berlino madrid",
        "inglese tedesco francese spagnolo italiano portoghese cinese giapponese russo arabo",
        "windows linux macos mac android ios iphone",
        "primavera estate autunno inverno",
        "autobus treno aereo taxi bicicletta macchina",
        "bambino adulto adolescente studente pensionato",
    ),
    distributives="ogni",
    quantifiers=(
        "tutto tutti tutta tutte ogni sempre",
        "alcuni alcune qualche",
        "nessun nessuno nessuna niente mai",
        "solo soltanto solamente",
        "maggior",
        "pochi poche",
        "entrambi entrambe",
    ),
    numbers=dict(
        zip(
            listed(
                "zero due tre quattro cinque sei sette otto nove dieci undici dodici tredici "
                "quattordici quindici sedici diciassette diciotto diciannove venti ventuno "
                "ventidue ventitre ventiquattro venticinque"
            ),
            (0, *range(2, 26)),
            strict=True,
        )
    )
    | {
        "trenta": 30,
        "quaranta": 40,
        "cinquanta": 50,
        "sessanta": 60,
        "settanta": 70,
        "ottanta": 80,
        "novanta": 90,
        "cento": 100,
        "duecento": 200,
        "cinquecento": 500,
        "mille": 1000,
        "mila": 1000,
        "duemila": 2000,
        "milione": 10**6,
        "milioni": 10**6,
        "dozzina": 12,
    },
    ordinals={"secondo": 2, "seconda": 2, "terzo": 3, "terza": 3, "quarto": 4, "quinto": 5},
    ones="un uno una",
    joiners="e",
    months=(
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ),
    weekdays=("lunedi", "martedi", "mercoledi", "giovedi", "venerdi", "sabato", "domenica"),
    units=(
        "second secondi",
        "minute minuto minuti",
        "hour ora ore",
        "day giorno giorni giornaliero",
        "week settimana settimane settimanale",
        "month mese mesi mensile",
        "year anno anni annuale",
        "km chilometro chilometri",
        "meter metro metri",
        "cm centimetro centimetri",
        "mile miglio miglia",
        "kg chilo chili chilogrammo chilogrammi",
        "gram grammo grammi",
        "litre litro litri",
        "eur euro",
        "usd dollaro dollari",
        "celsius grado gradi",
    ),
    questions={
        "quanto_tempo": Question.HOW_LONG,
        "a_che_ora": Question.WHEN,
        "quanto": Question.HOW_MUCH,
        "quanta": Question.HOW_MUCH,
        "quanti": Question.HOW_MUCH,
        "quante": Question.HOW_MUCH,
        "chi": Question.WHO,
        "dove": Question.WHERE,
        "quando": Question.WHEN,
        "perche": Question.WHY,
        "come": Question.HOW,
        "quale": Question.WHICH,
        "quali": Question.WHICH,
        "cosa": Question.WHAT,
    },
    openers="e sono era posso puo",
    past="era erano fu",
    present="e sono",
    future="sara saranno",
    passives="essere e sono si",
    conditionals="se sarebbe",
    source="da dal dalla dallo",
    target="a ad al alla verso fino",
    relations=(
        "prima",
        "dopo",
        "durante",
        "entro",
        "fino",
        "sopra",
        "sotto",
        "con",
        "senza",
        "contro",
    ),
    conjunctions="e ed o oppure tra fra",
    prepositions="di in per con senza su contro durante prima dopo nel nella sul sulla",
)
