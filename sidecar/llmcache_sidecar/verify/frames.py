"""Words around a question that only say that one asks, how, and whose it is, in all languages.

Data alone may enter: lines of folded words.
"""

from __future__ import annotations

import re
from typing import Final

from .lexicon import listed

WAYS: Final = frozenset(
    listed(
        "way ways method methods steps procedure process weg moglichkeit schritte methode methoden "
        "facon maniere moyen metodo procedimiento procedimento procedura processo proceso proces "
        "metoda "
        "etapes "
        "manera forma pasos modo maniera passi maneira passos manier stappen sposob kroki"
    )
)
"""Whoever asks for the way asks how; and the best one is the one that is wanted."""
FILLERS: Final = WAYS | frozenset(
    listed(
        "possible able moglich posible possibile possivel mogelijk mozliwe "
        "show tell know explain describe help need want like sagen sag lassen lasse erklaren "
        "erklare zeigen zeig "
        "hilfe brauche wissen dire dites explique expliquez aide besoin savoir decir dime explica "
        "ayuda necesito saber dimmi spiega aiuto bisogno sapere dizer diga ajuda preciso zeg "
        "vertel "
        "uitleggen hulp nodig weten powiedz wyjasnij pokaz pomoc potrzebuje wiedziec"
    )
)
"""Soft words that only say that one asks, and how."""
FRAME: Final = frozenset(
    listed(
        "a an the how what which when much long time is are s do does can could would will i you "
        "we "
        "one to be please it there d m re "
        "der die das den dem ein eine einen wie was ist sind kann konnen konnte wird werden man "
        "ich "
        "wir zu bitte es wo wann lange lang zeit habt haben sich "
        "le la les l un une des comment quel quelle quels quelles est sont peux puis peut pouvez "
        "je "
        "on nous vous que se c qu d de temps ou où combien quand heure "
        "el los las tiene tienen una unos como cual cuales es son puedo puede pueden podemos yo "
        "cuanto tiempo "
        "donde cuando se "
        "il lo i gli uno come qual quale quali e sono posso puo possono si gli di del dei della "
        "delle che ora ad faccio "
        "fare quanto tempo dove quando "
        "o os as um uma do da dos das e sao posso pode podem eu voce voces de que quanto tempo "
        "onde quando faco "
        "estao para "
        "de het een hoe wat welke is zijn kan kunnen kunt ik men u wij we jullie lang tijd waar "
        "wanneer "
        "hoeveel te "
        "jak jaki jaka jakie jest sa moge mozna moze sie dlugo czasu gdzie kiedy ile"
    )
)
"""Empty words that turn nothing: articles, who asks, and that it is asked."""
OWNERS: Final = (
    frozenset(
        listed(
            "my mein meine meinen meinem meiner mon ma mes mi mis mio mia miei mie meu minha meus "
            "minhas mijn moj moja moje mojego mojej"
        )
    ),
    frozenset(
        listed(
            "your dein deine deinen deinem deiner ihr ihre ihren ihrem ihrer euer eure votre vos "
            "ton "
            "ta tes tu tus su sus tuo tua vostro vostri vostra seu sua seus suas teu tua uw jouw "
            "je "
            "jullie twoj twoja twoje"
        )
    ),
)
OWNING: Final = frozenset().union(*OWNERS)
"""Whose it is, a person a line."""
BEST: Final = frozenset(
    listed("best beste besten meilleur meilleure mejor migliore melhor najlepszy good")
)
ALLOWED: Final = frozenset(
    listed(
        "allowed permitted erlaubt gestattet permis autorise permitido permesso consentito "
        "toegestaan "
        "wolno"
    )
)
MAY: Final = frozenset(
    listed("can could may kann darf peut puis puede puedo posso pode mag kan mozna")
)
OF: Final = frozenset(
    listed(
        "of for de du des d von fur pour del para di della do da per van voor za "
        "to with in mit bei avec con com met z"
    )
)
"""What stands between a deed and what is done to it, or a price and what it is the price of."""
OBLIGED: Final = frozenset({"have", "has", "had", "need", "needs", "want", "able", "possible"})
TO_DO: Final = frozenset({"zu", "te"})
"""What German and Dutch put before a verb."""
HANDLING: Final = frozenset(
    listed(
        "cancel change chang update updat edit delete delet remove remov clean register reset "
        "download "
        "upload view manage manag submit renew report activate activat enable disable redeem track "
        "add configure login "
        "kundig stornier ander losch beantrag aktivier melden "
        "annul modifi supprim resili chang activ "
        "cancel cambi elimin activ modific actualiz "
        "annull attiv modific disd "
        "verfolg suivr suiv seguir rastre rastrear acompanh volg sledz "
        "alter atualiz ativ "
        "wijzig opzegg annuler activer verwijder"
    )
)
"""What is done on a site or in an app: where one does it is how one does it."""
SENT: Final = (
    "deliver", "ship", "liefer", "versand", "versend", "livr", "envoi", "expedi", "envi", "entreg",
    "consegn", "spedi", "lever", "bezorg", "verzend", "dostaw", "wysyl", "dostarcz",
)  # fmt: skip
THERE: Final = frozenset(
    listed("to in within nach in en pour vers a au aux para em na no per naar do")
)
"""What stands before where something is sent."""
EXISTS: Final = re.compile(
    r"(do you (guys )?have|have you got|is there|are there|haben sie|habt ihr|gibt es|avez vous|"
    r"vous avez|est ce qu il y a|est ce que vous avez|y a t il|il y a|hay|tienen|tiene|c e|ci sono|"
    r"avete|ha|tem|voces tem|is er|zijn er|hebben jullie|heeft u|hebt u|czy jest|czy sa|"
    r"czy macie|czy maja) (?!to |zu |que |de )"
)
"""How one asks whether something is there, or whether they have it."""
