"""A table a gate: what it must refuse, in each language, and whichever text was stored."""

import pytest

from .judging import judge, refusing

NUMBERS = [
    ("What is 15 plus 80?", "What is 15 times 80?"),
    ("a profit of $5 million", "a profit of $5 billion"),
    ("a profit of $5.2 million", "a profit of $5.3 million"),
    ("What is 10 + 3?", "What is 10 + 4?"),
    ("I have 25 dollars", "I have twenty-six dollars"),
    ("Rooms for two people", "Rooms for three people"),
    ("best phone under 30k", "best phone under 20,000"),
    ("What happened in 1914?", "What happened in 1941?"),
    ("Who won World War I vs II?", "Who won World War I vs III?"),
    ("Meet me at 5pm", "Meet me at 6pm"),
    ("What is 7 + 2?", "What is 7 * 2?"),
    ("the weather on March 3rd", "the weather on March 4th"),
    ("Are you open on Monday?", "Are you open on Tuesday?"),
    ("Was kostet das für zwei Personen?", "Was kostet das für drei Personen?"),
    ("Was kosten fünfundzwanzig Karten?", "Was kosten 26 Karten?"),
    ("Combien coûtent vingt billets ?", "Combien coûtent trente billets ?"),
    ("¿Cuánto cuestan treinta y dos entradas?", "¿Cuánto cuestan 33 entradas?"),
    ("Quanto costano dieci biglietti?", "Quanto costano dodici biglietti?"),
    ("Quanto custam dois bilhetes?", "Quanto custam três bilhetes?"),
    ("Wat kosten vijfentwintig kaartjes?", "Wat kosten 24 kaartjes?"),
    ("天気 3 日", "天気 4 日"),
]
UNITS = [
    ("The pump moves 5 litres an hour", "The pump moves 5 litres a minute"),
    ("What is 5 km in feet?", "What is 5 miles in feet?"),
    ("Is 20 kg too heavy?", "Is 20 lbs too heavy?"),
    ("I paid $50", "I paid 50 euros"),
    ("Sind 10 Stunden genug?", "Sind 10 Minuten genug?"),
]
IDENTIFIERS = [
    ("What does error E1001 mean?", "What does error E1002 mean?"),
    ("Install numpy 1.2.3 please", "Install numpy 1.2.4 please"),
    ("What is on https://example.org/a?", "What is on https://example.org/b?"),
    ("Who is bob@example.org?", "Who is rob@example.org?"),
    ("What does set_name do?", "What does get_name do?"),
    ("Is C++ fast?", "Is C# fast?"),
]
NEGATION = [
    ("Why can I print?", "Why can I not print?"),
    ("Is it safe?", "Isn't it safe?"),
    ("tea with milk is good", "tea without milk is good"),
    ("people who have paid", "people who have never paid"),
    ("Warum geht das Licht an?", "Warum geht das Licht nicht an?"),
    ("Haben Sie Zimmer?", "Haben Sie keine Zimmer?"),
    ("Pourquoi ça marche ?", "Pourquoi ça ne marche pas ?"),
    ("¿Por qué funciona?", "¿Por qué no funciona?"),
    ("Perché funziona?", "Perché non funziona?"),
    ("Por que funciona?", "Por que não funciona?"),
    ("Waarom werkt het?", "Waarom werkt het niet?"),
    ("Почему это работает?", "Почему это не работает?"),
]
OPPOSITES = [
    ("¿Dónde subo al autobús?", "¿Dónde bajo del autobús?"),
    ("¿Cómo hago una reserva?", "¿Cómo cancelo una reserva?"),
    ("How do I get into Harvard?", "How do I get out of Harvard?"),
    ("Wie lade ich ein Bild hoch?", "Wie kann ich ein Bild herunterladen?"),
    ("Hoe zet ik meldingen van Netflix aan?", "Hoe kan ik meldingen van Netflix uitzetten?"),
    ("How do I decrease the font size?", "How do I make the font size bigger?"),
    ("How do I turn my notifications off?", "How do I enable notifications?"),
    ("How do I activate roaming?", "How do I switch roaming off?"),
    ("How do I turn on notifications?", "How do I turn off notifications?"),
    ("Enable dark mode", "Disable dark mode"),
    ("How do I log in?", "How do I log out?"),
    ("Should I eat before training?", "Should I eat after training?"),
    ("How can I increase my limit?", "How can I lower my limit?"),
    ("the maximum age", "the minimum age"),
    ("Can I carry up to 20 kg?", "Can I carry over 20 kg?"),
    ("Where can I buy shares?", "Where can I sell shares?"),
    ("How do I send money?", "How do I receive money?"),
    ("the first president", "the last president"),
    ("Is it legal?", "Is it illegal?"),
    ("pros of coffee", "cons of coffee"),
    ("Is my card locked?", "Is my card unlocked?"),
    ("How do I encrypt a file?", "How do I decrypt a file?"),
    ("Wie schalte ich das Licht ein?", "Wie schalte ich das Licht aus?"),
    ("Wie melde ich mich an?", "Wie melde ich mich ab?"),
    ("Wann soll ich kaufen?", "Wann soll ich verkaufen?"),
    ("Comment activer le wifi ?", "Comment désactiver le wifi ?"),
    ("Que faire avant le vol ?", "Que faire après le vol ?"),
    ("¿Cómo puedo abrir una cuenta?", "¿Cómo puedo cerrar una cuenta?"),
    ("Come posso attivare il wifi?", "Come posso disattivare il wifi?"),
    ("Como posso comprar ações?", "Como posso vender ações?"),
    ("Hoe zet ik het licht aan?", "Hoe zet ik het licht uit?"),
    ("如何打开蓝牙", "如何关闭蓝牙"),
]
AMOUNTS = [
    ("Can each user see it?", "Can some users see it?"),
    ("All users can edit", "Some users can edit"),
    ("Can every guest park?", "Can a guest park?"),
    ("Only members pay", "Members pay"),
    ("Dürfen alle Gäste parken?", "Dürfen einige Gäste parken?"),
]
QUESTION = [
    ("What is the best time to visit Japan?", "What is the best place to visit in Japan?"),
    ("¿Dónde está mi paquete?", "¿Dónde dejo mi paquete?"),
    ("¿Cuánto tarda una transferencia?", "¿Cuánto cuesta una transferencia?"),
    (
        "If humans evolved from apes, will apes evolve?",
        "If humans evolved from apes, why do apes evolve?",
    ),
    ("What is a Midwest?", "Is it a midwest or Midwest?"),
    ("Did sharks have any predators?", "Was the shark a predator?"),
    ("Where should I study maths?", "How should I study maths?"),
    ("Why would you work at a bank?", "Why do you like working at a bank?"),
    ("What is git pull?", "What is git pull for?"),
    ("What is AI?", "What is AI used for?"),
    ("What does NATO stand for?", "What does NATO do?"),
    ("Wie alt ist der Kölner Dom?", "Wie hoch ist der Kölner Dom?"),
    ("How tall is the Eiffel Tower?", "How old is the Eiffel Tower?"),
    ("When was he born?", "Where was he born?"),
    ("Who runs this shop?", "Why run this shop?"),
    ("How do I run?", "Why do I run?"),
    ("Why is tea healthy?", "Is tea healthy?"),
    ("How do I join?", "How do I join and how much does it cost?"),
    ("What is a PAN card?", "What can I do to get a PAN card?"),
    ("What is a refund?", "How do I get a refund?"),
    ("What is measles?", "Who has measles?"),
    ("Wann kommt der Zug?", "Warum kommt der Zug?"),
    ("Où est le train ?", "Quand est le train ?"),
    ("¿Dónde vive Ana?", "¿Cuándo vive Ana?"),
    ("Where is my package?", "Where is my package going?"),
    ("How does a vaccine work?", "How is a vaccine made?"),
    ("Wo ist mein Paket?", "Wo geht mein Paket hin?"),
    ("Où est mon colis ?", "Où va mon colis ?"),
    ("Which floor is my room on?", "Which room is on my floor?"),
]
LITERALS = [
    ('Translate "good day" to French', 'Translate "good bye" to French'),
    ("Translate to German: I am tired today", "Translate to German: I am hungry today"),
]
TENSE = [
    ("Who is the president?", "Who was the president?"),
    ("Did it rain?", "Will it rain?"),
]
DUTY = [
    ("Who is allowed to sign?", "Who has to sign?"),
    ("Which vaccinations does my baby need?", "Which vaccinations has my baby had?"),
    ("How early can I be at the airport?", "How early do I have to be at the airport?"),
    ("Which documents can I bring?", "Which documents do I have to bring?"),
    ("Wie lange kann ich bleiben?", "Wie lange muss ich bleiben?"),
    ("Brauche ich ein Visum?", "Habe ich ein Visum?"),
    ("¿Necesito un visado?", "¿Tengo un visado?"),
    ("Should I buy a SIM card?", "Where can I get a SIM card?"),
    ("Do I need an account?", "Do I have an account?"),
    ("Does a dog eat meat?", "Should a dog eat meat?"),
    ("Should I sell my car?", "How should I sell my car?"),
    ("Must I register before the event?", "May I register before the event?"),
    ("Can I return the shoes?", "Do I have to return the shoes?"),
    ("Muss ich das Gerät ausschalten?", "Kann ich das Gerät ausschalten?"),
]
PERSONS = [
    ("What did he say about the merger?", "What did she say about the merger?"),
    ("How do I view my invoice?", "How do I view his invoice?"),
    ("How do I write to my boss?", "How do I write to my boss's boss?"),
    ("Where does my friend live?", "Where does my friend's mother live?"),
    ("Can I see who viewed my profile?", "Can they see that I viewed their profile?"),
    ("Kann ich die Wohnung kündigen?", "Kann er die Wohnung kündigen?"),
    ("Is my employer allowed to read my emails?", "Am I allowed to read my employer's emails?"),
    ("I received someone else's package", "Someone else received my package"),
    ("Can my kids use my subscription?", "Can I use my kids' subscription?"),
    ("Mon voisin a reçu mon colis", "J'ai reçu le colis de mon voisin"),
    ("Darf mein Vermieter meine Post öffnen?", "Darf ich die Post meines Vermieters öffnen?"),
]
DIRECTION = [
    ("Is the hotel on the beach?", "Is the hotel close to the beach?"),
    ("Do I need a visa for Japan?", "Do I need a visa from Japan?"),
    ("Can the flu come back?", "Can I come back with the flu?"),
    ("Can I work while studying?", "Can I study while working?"),
    ("How do I get from Paris to London?", "How do I get from London to Paris?"),
    ("Wie komme ich von Bonn nach Köln?", "Wie komme ich von Köln nach Bonn?"),
    ("Comment aller de Lyon à Lille ?", "Comment aller de Lille à Lyon ?"),
    ("¿Cómo voy de Lima a Quito?", "¿Cómo voy de Quito a Lima?"),
    ("Can I cancel within 14 days?", "Can I cancel after 14 days?"),
    ("What happens before the trial?", "What happens during the trial?"),
    ("Can I take it with milk?", "Can I take it after milk?"),
    ("Was passiert nach der Prüfung?", "Was passiert während der Prüfung?"),
    ("Que faire pendant le vol ?", "Que faire après le vol ?"),
    ("Does the plan include calls to Turkey?", "Does the plan include calls in Turkey?"),
    ("How do I call Turkey?", "How do I call from Turkey?"),
    ("Wie telefoniere ich nach Italien?", "Wie telefoniere ich in Italien?"),
    ("Quanto costa chiamare in Turchia?", "Quanto costa chiamare dalla Turchia?"),
    ("How do I buy a gift card?", "How do I buy with a gift card?"),
    ("Puis-je acheter une carte cadeau ?", "Puis-je acheter avec une carte cadeau ?"),
]
ORDER = [
    ("How many states has the country?", "How many countries has the state?"),
    ("Was Caesar killed by Brutus?", "Did Caesar kill Brutus?"),
    ("Can I be fired by my boss?", "Can I fire my boss?"),
    ("Did Apple sue Samsung?", "Was Apple sued by Samsung?"),
    ("What causes earthquakes?", "What do earthquakes cause?"),
    ("What do wolves eat?", "What eats wolves?"),
    ("Convert euros to dollars", "Convert dollars to euros"),
    ("Did Apple sue Samsung?", "Did Samsung sue Apple?"),
    ("Is tea better than coffee?", "Is coffee better than tea?"),
    ("What is 10 - 3?", "What is 3 - 10?"),
    ("the white horse chased the black dog", "the black horse chased the white dog"),
    ("Can a cat hurt a dog?", "Can a dog hurt a cat?"),
    ("Schlägt Bayern heute Dortmund?", "Schlägt Dortmund heute Bayern?"),
]
NAMES = [
    ("How do I charge a battery?", "How do I charge a Lithium oxide battery?"),
    ("Who owns the company Tesla?", "Who owns the company Siemens?"),
    ("¿Cuándo murió el rey Felipe?", "¿Cuándo murió el rey Alfonso?"),
]
KINDS = [
    ("¿Cuántos días tarda?", "¿Cuántas semanas tarda?"),
    ("How many days off do I get each year?", "How many days off do I get each month?"),
    ("Do you have it in red, size L?", "Do you have it in blue, size L?"),
    ("My brother is ill", "My sister is ill"),
    ("Hast du das Kleid in rot?", "Hast du das Kleid in blau?"),
]
REPLACED = [
    ("Who employs Ann?", "Who is the employee of Ann?"),
    ("Wann ist die Anreise?", "Wann ist die Abreise?"),
    ("Jak dokonać wpłaty?", "Jak dokonać wypłaty?"),
    ("Hoe kan ik dit aannemen?", "Hoe kan ik dit opnemen?"),
    ("¿Dónde está mi pedido?", "¿Dónde está mi perdido?"),
    ("Wo ist die Schule?", "Wo sind die Schuhe?"),
    ("¿Está incluido el desayuno?", "¿Está incluida la cena?"),
    ("How do I reset my r\u043euter?", "How do I reset my router?"),
    ("Who pays the interviewer?", "Who pays the interviewee?"),
    ("How do I use a semicolon?", "How do I type a semicolon?"),
    ("How do I make an appointment?", "How do I cancel an appointment?"),
    ("How do I stop a payment?", "How do I make a payment?"),
    ("Can you explain the fee?", "Can you waive the fee?"),
    ("Can I get a discount?", "Can I give a discount?"),
    ("Is parking free on Sundays?", "Is parking allowed on Sundays?"),
    ("How many calories are in salmon?", "How many calories are in tofu?"),
    ("How do I reset my password?", "How do I delete my password?"),
    ("Was hilft gegen Migräne?", "Was hilft gegen Masern?"),
    ("Quels sont les symptômes de la grippe ?", "Quels sont les symptômes de la rougeole ?"),
    ("How do I cancel my order?", "How do I repeat my order?"),
    ("How do I find my phone?", "How do I use my phone?"),
    ("How many days of leave do I have?", "How many years of leave do I have?"),
    ("Can I walk to the station?", "Can I drive to the station?"),
    ("\u00bfC\u00f3mo puedo usar mi clave?", "\u00bfC\u00f3mo puedo encontrar mi clave?"),
    ("Can I get a copy?", "Can I make a copy?"),
]
ROLES = [
    ("Why did I reject the offer?", "Why was my offer rejected?"),
    ("What do you know about bees?", "What do bees know about you?"),
    ("Can I call you?", "Can you call me?"),
    ("Who did you invite?", "Who invited you?"),
    ("Who is she working for?", "Who is working for her?"),
    ("Was the house built by him?", "Was the house built for him?"),
    ("Who is the film about?", "Who is the film by?"),
    ("Kann ich dich anrufen?", "Kannst du mich anrufen?"),
    ("¿Te puedo llamar?", "¿Me puedes llamar?"),
    ("Est-ce que je peux t'appeler ?", "Est-ce que tu peux m'appeler ?"),
    ("My mobile is stolen", "I stole a mobile"),
    ("Mein Handy wurde gestohlen", "Ich habe ein Handy gestohlen"),
    ("On m'a volé mon téléphone", "J'ai volé un téléphone"),
]
TURNS = [
    ("Can I park in front of the house?", "Can I park behind the house?"),
    ("From when is the pool open?", "Until when is the pool open?"),
    ("A che ora aprite?", "Fino a che ora siete aperti?"),
    ("¿A qué hora abren?", "¿Hasta qué hora abren?"),
    ("Can I install the router?", "Can I install the router myself?"),
    ("Is it still open?", "Is it open again?"),
    ("Has the parcel arrived yet?", "Has the parcel arrived again?"),
    ("Why is it not working yet?", "Why is it not working any more?"),
    ("Do I get a refund if I cancel?", "Do I get a refund unless I cancel?"),
    ("Is it on if it rains?", "Is it on even if it rains?"),
    ("Is the train cheaper than the bus?", "Is the train as cheap as the bus?"),
    ("Can I take aspirin with ibuprofen?", "Can I take aspirin instead of ibuprofen?"),
    ("How much is a dozen eggs?", "How much is half a dozen eggs?"),
    ("How do a virus and bacteria differ?", "What do a virus and bacteria have in common?"),
    ("What happens if Rome falls?", "What would have happened if Rome had fallen?"),
    ("Ist das Geschäft noch offen?", "Ist das Geschäft schon offen?"),
    ("Warum geht es noch nicht?", "Warum geht es nicht mehr?"),
    ("Ist der Zug billiger als der Bus?", "Ist der Zug so billig wie der Bus?"),
    ("La boutique est-elle encore ouverte ?", "La boutique est-elle déjà ouverte ?"),
    ("¿Todavía está abierto?", "¿Ya está abierto?"),
    ("È ancora aperto?", "È già aperto?"),
    ("A loja ainda está aberta?", "A loja já está aberta?"),
    ("Is de winkel nog open?", "Is de winkel al open?"),
    ("Czy sklep jest jeszcze otwarty?", "Czy sklep jest już otwarty?"),
]
BOUNDS = [
    ("Can I upload up to 10 files?", "Can I upload more than 10 files?"),
    ("Can I bring at least two guests?", "Can I bring at most two guests?"),
    ("Do I have to pay by Monday?", "Do I have to pay on Monday?"),
    ("Darf ich höchstens 2 Koffer mitnehmen?", "Darf ich mindestens 2 Koffer mitnehmen?"),
]
OPERATORS = [
    ("What does >= mean in Python?", "What does > mean in Python?"),
    ("What does & do in C?", "What does && do in C?"),
    ("What does a == b check?", "What does a === b check?"),
]
VERBS = [
    ("How do I get to work?", "How do I get work?"),
    ("How do I stop smoking?", "How do I stop to smoke?"),
    ("How do I take off a jacket?", "How do I take a jacket?"),
    ("What does the manual look like?", "What does the manual look after?"),
    ("Do I need to be tested?", "Do I need to test?"),
    ("Is he boring?", "Is he bored?"),
    ("Can I return it?", "Can I return?"),
    ("Why did it stop?", "Why did they stop it?"),
    ("When does the course start?", "When do I start the course?"),
]
DONE = [
    ("How do I cancel my order?", "I cancelled my order"),
    ("My card is blocked", "How do I block my card?"),
    ("My phone is charging", "How do I charge my phone?"),
    ("My password was changed", "I want to change my password"),
    ("Is the flight cancelled?", "How do I cancel the flight?"),
    ("I received the wrong item", "How do I receive the wrong item?"),
    ("Mein Konto wurde gelöscht", "Wie lösche ich mein Konto?"),
    ("J'ai supprimé mon compte", "Comment supprimer mon compte ?"),
    ("Ho aperto un conto", "Come apro un conto?"),
]
LANGUAGE = [("Wie ist das Wetter in Rom?", "Qual è il meteo a Roma?")]

TABLES = {
    "numbers": NUMBERS,
    "units": UNITS,
    "identifiers": IDENTIFIERS,
    "negation": NEGATION,
    "opposites": OPPOSITES,
    "amounts": AMOUNTS,
    "question": QUESTION,
    "literals": LITERALS,
    "tense": TENSE,
    "duty": DUTY,
    "persons": PERSONS,
    "direction": DIRECTION,
    "order": ORDER,
    "names": NAMES,
    "kinds": KINDS,
    "replaced": REPLACED,
    "roles": ROLES,
    "turns": TURNS,
    "bounds": BOUNDS,
    "operators": OPERATORS,
    "verbs": VERBS,
    "done": DONE,
    "language": LANGUAGE,
}
CASES = [(gate, a, b) for gate, pairs in TABLES.items() for a, b in pairs]


@pytest.mark.parametrize(("gate", "asked", "stored"), CASES)
def test_the_gate_refuses_both_ways(gate: str, asked: str, stored: str) -> None:
    assert gate in refusing(asked, stored)
    assert gate in refusing(stored, asked)


@pytest.mark.parametrize(("gate", "asked", "stored"), CASES)
def test_the_chain_refuses_however_near_a_model_finds_them(
    gate: str, asked: str, stored: str
) -> None:
    judgement = judge(asked, stored, 0.999)
    assert not judgement.accepted
    assert judgement.gate
    assert judgement.reason
