"""French."""

from __future__ import annotations

from typing import Final

from .table import Lexicon, Question, listed

_ENDINGS: Final = (
    "ements",
    "ement",
    "ations",
    "ation",
    "ees",
    "ent",
    "ons",
    "ez",
    "er",
    "es",
    "ee",
    "e",
    "s",
    "x",
)


def stem(word: str) -> str:
    """Take inflection away where enough of the word is left."""
    if len(word) < 5:
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


LEXICON: Final = Lexicon(
    code="fr",
    stem=stem,
    function=(
        "le la les l un une des du d ce cet cette ces je j tu il elle on nous vous ils elles me m "
        "te t se s mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs moi toi lui eux "
        "qu que ne n y en si aussi tres bien donc c ca cela est-ce peux peut pouvez pouvons puis "
        "pourrais dois doit devez faut fait faire fais veux veut voudrais aimerais etre avoir "
        "ai as a avons avez ont suis es sommes etes bonjour salut merci svp plait voici voila "
        "meme pas "
        "tout tous toute toutes chaque aucun aucune quelques certains plusieurs quoi dont ci "
        "la-bas "
        "deja encore juste plus"
    ),
    soft=(
        "facon maniere moyen moyens methode etape etapes procedure chose choses dire dites dis "
        "expliquer expliquez explique montrer aide aider donner donne possible meilleur "
        "meilleure meilleurs "
        "bon bonne idee conseil conseils besoin savoir sais connaitre gens personne personnes "
        "signifie signification exemple type sorte raison raisons difference fonctionne marche "
        "utiliser simple simplement facilement rapidement correctement question reponse "
        "information informations trouver exactement normalement proceder comprendre"
    ),
    negations="pas jamais rien aucun aucune sans ni nulle guere non",
    opposites=(
        "activer active activez allumer debloquer | desactiver desactive eteindre bloquer",
        "avant | apres",
        "augmenter monter accroitre | diminuer baisser reduire",
        "plus | moins",
        "maximum maximal | minimum minimal",
        "acheter achat | vendre vente",
        "envoyer expedier | recevoir",
        "expediteur | destinataire",
        "premier premiere | dernier derniere",
        "deposer depot verser | retirer retrait",
        "preter | emprunter",
        "importer importation | exporter exportation",
        "televerser | telecharger",
        "installer | desinstaller",
        "ajouter | supprimer enlever retirer",
        "creer ouvrir | supprimer fermer cloturer",
        "commencer demarrer lancer | arreter terminer finir",
        "ouvrir ouvert ouverture | fermer ferme fermeture",
        "accepter autoriser | refuser interdire rejeter",
        "connecter connexion | deconnecter deconnexion",
        "abonner abonnement | desabonner resilier",
        "gagner | perdre",
        "aimer | detester",
        "sur | dangereux",
        "legal | illegal",
        "avantage avantages | inconvenient inconvenients",
        "cause causes | effet effets consequences",
        "chaud | froid",
        "grand grande gros | petit petite",
        "haut eleve | bas faible",
        "long longue | court courte",
        "rapide vite | lent lentement",
        "vieux ancien | jeune nouveau neuf",
        "riche | pauvre",
        "homme hommes garcon masculin | femme femmes fille feminin",
        "pere | mere",
        "fils | fille",
        "frere | soeur",
        "difficile dur | facile",
        "cher | gratuit",
        "meilleur bon | pire mauvais",
        "fort | faible",
        "vrai | faux",
        "gauche | droite",
        "interieur dedans | exterieur dehors",
        "dessus | dessous",
        "interne | externe",
        "entree | sortie",
        "arrivee | depart",
        "tot | tard",
        "jour | nuit",
        "matin | soir",
        "ete | hiver",
        "meme | different",
        "public | prive",
        "positif | negatif",
        "celibataire | marie",
        "employeur | employe salarie",
        "proprietaire | locataire",
        "vendeur | acheteur",
        "national | international",
        "brut | net",
        "avec | sans",
        "toujours | jamais",
        "vivant | mort",
        "aller | retour",
        "addition additionner | soustraction soustraire",
        "chiffrer | dechiffrer",
        "embaucher | licencier",
        "afficher | masquer",
        "prochain prochaine | dernier derniere",
        "plein | vide",
    ),
    synonyms=(
        "acheter acquerir",
        "commencer debuter demarrer",
        "changer modifier modification",
        "voiture auto automobile vehicule",
        "telephone portable mobile smartphone",
        "prix cout tarif frais couter coute",
        "passe password",
        "entreprise societe",
        "travail emploi boulot",
        "perdu perdre perte",
        "vole vol derobe",
        "commander commande",
        "supprimer effacer",
        "annuler annulation",
        "livraison livrer livre",
        "facture note",
        "payer paiement regler",
        "rembourser remboursement",
        "retourner renvoyer",
        "reinitialiser reinitialisation",
        "reparer resoudre",
        "magasin boutique",
        "medecin docteur",
        "enfant gosse",
        "film cinema",
        "virement transfert",
        "horaires heures",
    ),
    acts=(
        "utiliser",
        "trouver",
        "montrer",
        "donner donne",
        "marche fonctionne",
        "comprendre",
    ),
    classes=(
        "rouge bleu vert jaune noir blanc orange violet rose marron gris",
        "chien chat cheval vache cochon lapin oiseau poisson",
        "france allemagne espagne italie portugal suisse belgique angleterre chine japon inde "
        "canada",
        "paris lyon marseille lille bordeaux toulouse londres berlin rome madrid bruxelles geneve",
        "anglais allemand francais espagnol italien portugais chinois japonais russe arabe",
        "windows linux macos mac android ios iphone",
        "printemps ete automne hiver",
        "bus train avion taxi velo voiture",
        "enfant adulte adolescent etudiant retraite senior",
    ),
    quantifiers=(
        "tout tous toute toutes chaque toujours",
        "quelques certains certaines plusieurs parfois",
        "aucun aucune rien personne jamais",
        "seulement uniquement seul seule seuls",
        "plupart",
        "peu rarement",
        "ambos",
    ),
    numbers=dict(
        zip(
            listed(
                "zero deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze "
                "quinze seize"
            ),
            (0, *range(2, 17)),
            strict=True,
        )
    )
    | {
        "vingt": 20,
        "trente": 30,
        "quarante": 40,
        "cinquante": 50,
        "soixante": 60,
        "septante": 70,
        "octante": 80,
        "nonante": 90,
        "cent": 100,
        "cents": 100,
        "mille": 1000,
        "million": 10**6,
        "millions": 10**6,
        "milliard": 10**9,
        "milliards": 10**9,
        "douzaine": 12,
    },
    ordinals={"deuxieme": 2, "troisieme": 3, "quatrieme": 4, "cinquieme": 5},
    ones="un une",
    joiners="et",
    months=(
        "janvier",
        "fevrier",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "aout",
        "septembre",
        "octobre",
        "novembre",
        "decembre",
    ),
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    units=(
        "second seconde secondes",
        "minute minutes",
        "hour heure heures h",
        "day jour jours journalier quotidien",
        "week semaine semaines hebdomadaire",
        "month mois mensuel",
        "year an ans annee annees annuel",
        "km kilometre kilometres",
        "meter metre metres",
        "cm centimetre centimetres",
        "mile mille milles",
        "kg kilo kilos kilogramme kilogrammes",
        "gram gramme grammes",
        "litre litres",
        "percent pourcent",
        "eur euro euros",
        "usd dollar dollars",
        "celsius degre degres",
    ),
    questions={
        "combien_temps": Question.HOW_LONG,
        "combien_de_temps": Question.HOW_LONG,
        "combien": Question.HOW_MUCH,
        "qui": Question.WHO,
        "où": Question.WHERE,
        "quand": Question.WHEN,
        "pourquoi": Question.WHY,
        "comment": Question.HOW,
        "quel": Question.WHICH,
        "quelle": Question.WHICH,
        "quels": Question.WHICH,
        "quelles": Question.WHICH,
        "quoi": Question.WHAT,
    },
    openers="est sont etait peut puis dois faut",
    past="etait etaient fut",
    present="est sont",
    future="sera seront",
    passives="etre est sont",
    conditionals="si serait",
    source="de depuis",
    target="vers a au aux jusqu jusque",
    relations=(
        "avant",
        "apres",
        "pendant durant",
        "depuis",
        "jusque jusqu",
        "sur",
        "sous",
        "avec",
        "sans",
        "contre",
    ),
    conjunctions="et ou entre",
    prepositions="dans par pour avec sans chez sous contre pendant durant lors apres avant en sur",
)
