"""What fills the slots of our frames. Every other word of a list is kept for testing."""

from __future__ import annotations

from typing import Final

from llmcache_sidecar.verify.lexicon import listed

_COMMON: Final[dict[str, list[str]]] = {
    "num": listed("3 5 7 12 15 18 20 24 30 36 40 48 50 60 75 80 90 100 120 250"),
    "year": listed("1998 2001 2005 2009 2012 2014 2016 2018 2019 2020 2022 2024"),
    "code": listed("E101 E205 E310 X17 404 503 ERR-22 ERR-37 AB-120 AB-210 C64 C99"),
    "version": listed("1.2 1.4 2.0 2.1 3.9 3.11 4.2 5.0 v7 v8 10.1 10.2"),
    "app": listed("Netflix Spotify WhatsApp Telegram Zoom Slack Gmail Outlook Excel Photoshop"),
    "company": listed("Google Amazon Apple Microsoft Toyota Samsung IBM Intel Sony Tesla"),
    "name": listed("Anna Peter Maria Tom Laura David Julia Mark Sarah Paul"),
}

SLOTS: Final[dict[str, dict[str, list[str]]]] = {
    "en": _COMMON
    | {
        "country": listed(
            "Germany France Spain Italy Japan Canada India Brazil Mexico Norway Egypt Kenya Peru "
            "Poland Vietnam Greece"
        ),
        "city": listed(
            "London Paris Berlin Madrid Tokyo Chicago Boston Rome Mumbai Sydney Vienna Lisbon "
            "Toronto Dublin"
        ),
        "illness": listed(
            "asthma diabetes flu malaria migraine pneumonia measles anemia bronchitis depression"
        ),
        "food": listed(
            "rice salmon broccoli chicken pasta tofu eggs lentils spinach beef oats potatoes"
        ),
        "tech": listed(
            "Python|Java|machine learning|SQL|Rust|Docker|Excel|Kubernetes|PHP|blockchain", "|"
        ),
        "lang": listed(
            "English German Spanish French Japanese Italian Russian Chinese Arabic Dutch"
        ),
        "device": listed("laptop phone tablet printer camera watch television router"),
        "thing": listed(
            "telephone microscope television helicopter compass refrigerator bicycle typewriter "
            "parachute thermometer"
        ),
        "person": listed(
            "Barack Obama|Elon Musk|Angela Merkel|Bill Gates|Nelson Mandela|Steve Jobs|Emmanuel "
            "Macron|Serena Williams",
            "|",
        ),
        "topic": listed(
            "jazz|football|democracy|chess|yoga|slavery|robots|opera|space travel|ballet", "|"
        ),
        "pest": listed("ants mice cockroaches moths bedbugs fleas rats flies"),
        "stain": listed("coffee wine blood grass ink tomato oil chocolate"),
        "plant": listed("cactus fern orchid rose tulip basil bonsai lavender"),
        "animal": listed("dog cat rabbit parrot hamster turtle horse goat"),
        "month": listed("January March April June July September October December"),
        "day": listed("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
        "drug": listed("ibuprofen aspirin paracetamol insulin penicillin morphine antibiotics"),
        "verb": listed("print save share export copy open rename move"),
        "place": listed("school|the office|the hospital|the library|the station|the museum", "|"),
    },
    "de": _COMMON
    | {
        "country": listed(
            "Frankreich Italien Spanien Polen Japan Kanada Brasilien Norwegen Österreich Portugal"
        ),
        "city": listed("Berlin Hamburg Wien Paris München Rom Köln Madrid"),
        "illness": listed("Asthma Diabetes Grippe Malaria Migräne Masern"),
        "day": listed("Montag Dienstag Mittwoch Donnerstag Freitag Samstag"),
    },
    "fr": _COMMON
    | {
        "country": listed("Italie Espagne Allemagne Pologne Suisse Belgique Norvège Russie"),
        "city": listed("Paris Lyon Marseille Lille Rome Madrid Londres Berlin"),
        "illness": listed(
            "l'asthme|le diabète|la grippe|le paludisme|la migraine|la rougeole", "|"
        ),
        "day": listed("lundi mardi mercredi jeudi vendredi samedi"),
    },
    "es": _COMMON
    | {
        "country": listed("Italia Francia Alemania Polonia Japón Brasil Chile Noruega"),
        "city": listed("Madrid Sevilla Bilbao Roma París Londres Lima Quito"),
        "illness": listed("asma diabetes gripe malaria migraña sarampión"),
        "day": listed("lunes martes miércoles jueves viernes sábado"),
    },
    "it": _COMMON
    | {
        "country": listed("Francia Spagna Germania Polonia Svizzera Belgio"),
        "day": listed("lunedì martedì mercoledì giovedì venerdì sabato"),
    },
    "pt": _COMMON
    | {
        "country": listed("Espanha Angola França Alemanha Portugal Itália"),
        "day": listed("segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado"),
    },
    "nl": _COMMON
    | {
        "country": listed("België Duitsland Frankrijk Spanje Italië Polen"),
        "day": listed("maandag dinsdag woensdag donderdag vrijdag zaterdag"),
    },
}
