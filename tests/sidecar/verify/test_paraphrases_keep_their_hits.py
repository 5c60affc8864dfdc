"""What no gate may refuse, in each language: other words for the same question."""

from dataclasses import replace

import pytest

from llmcache_sidecar.verify import read, threshold_of

from .judging import chain, judge, refusing

SAME = [
    ("How can I get over a fear of heights?", "What's a good way to overcome a fear of heights?"),
    ("Can I use oil in place of butter?", "Can I use oil instead of butter?"),
    ("Can stress lead to headaches?", "Can stress cause headaches?"),
    ("Can they film me without permission?", "Can they film me without my consent?"),
    ("How do I turn off the alarm on my phone?", "How do I disable the alarm on my phone?"),
    ("Do bears eat both fish and berries?", "Do bears eat fish and berries?"),
    ("Is a master's degree in law worth it?", "Is a master's in law worth it?"),
    ("What can I do to save money?", "What do I have to do to save money?"),
    ("When can I expect my parcel?", "When should I expect my parcel?"),
    ("Who teaches the course?", "Who is the teacher of the course?"),
    ("Wer leitet die Schule?", "Wer ist der Leiter der Schule?"),
    ("Which payment methods are there?", "Which payment methods do you accept?"),
    ("What does git pull do?", "What is git pull for?"),
    ("My parcel arrived damaged", "My parcel got damaged on the way"),
    ("How do I add a second user?", "How do I add another user?"),
    ("How do I get ink out of a carpet?", "How do I get ink from a carpet?"),
    ("¿Está incluido el desayuno?", "¿El desayuno está incluido?"),
    ("¿Tienen wifi gratis?", "¿Hay wifi gratis?"),
    ("How can I change my PIN?", "how do i change my pin"),
    ("HOW DO I CHANGE MY PIN?", "How do I change my PIN"),
    ("How do I change my PIN (Windows)?", "how do i change my pin Windows :)"),
    ("Is .5 kg enough?", "Is 0.5 kg enough?"),
    ("Wie sind die Öffnungszeiten?", "Wie sind die O\u0308ffnungszeiten?"),
    ("أين كِتَابي؟", "أين كتابي"),
    ("Sind 100 m weit?", "Sind 100 Meter weit?"),
    ("Is 5 l enough?", "Is 5 litres enough?"),
    ("Is $5.00 enough?", "Is $5 enough?"),
    ('How do you say "thank you" in French?', "How do I say thank you in French?"),
    ("How do you say it in German, please?", "How do you say it in German?"),
    ("Good morning, in which room is the course?", "In which room is the course?"),
    (
        "Bonjour, en cas de perte de ma carte, que faire ?",
        "En cas de perte de ma carte, que faire ?",
    ),
    ("Hola, en mi cuenta hay dos cargos", "Buenos días, en mi cuenta hay dos cargos"),
    ("Schreibe bitte eine Bewerbung als Koch", "Schreibe eine Bewerbung als Koch"),
    ("How do I insert a table in Word, please?", "How do I insert a table in Word?"),
    ("What does VAT stand for, please?", "What does VAT stand for?"),
    ("Quels sont les événements du week-end ?", "Quels sont les évènements du week-end ?"),
    ("Como emitir nota fiscal eletrônica?", "Como emitir nota fiscal eletrónica?"),
    ("How do I fix error 404!", "How do I fix error 404?"),
    ("[urgent] How do I block my card?", "(urgent) How do I block my card?"),
    ("How do I block my card? 👍🏽", "How do I block my card? 👍"),
    ("Wo gibt es S- und U-Bahn-Tickets?", "Wo gibt es S und U-Bahn-Tickets?"),
    ("Hallo, in welchem Raum ist der Kurs?", "In welchem Raum ist der Kurs?"),
    ("Was bedeutet das bitte?", "Was bedeutet das?"),
    ("Who can I talk to please?", "Who can I talk to?"),
    (
        "How long is it from the 5th of March to the 8th of April?",
        "How long is it from March 5 to April 8?",
    ),
    ("Are you open on Monday, May 3, 2021?", "Are you open on the 3rd of May 2021, a Monday?"),
    ("Weather in Rome on May 3 at 5 pm", "Weather in Rome at 5 pm on May 3"),
    ("Is -5 degrees cold?", "Is minus 5 degrees cold?"),
    ("What is 10 -4?", "What is 10 minus 4?"),
    ("What is the password? - I forgot it", "What is the password? I forgot it"),
    ("- 5 people: which room fits?", "5 people: which room fits?"),
    ("¿Dónde está la campaña?", "donde está la campaña"),
    ("¿Cómo cancelo mi suscripción?", "como cancelo mi suscripcion"),
    ("Wo ist die Küche?", "wo ist die kuche"),
    ("Wie groß ist das Paket?", "wie gross ist das paket"),
    ("Какой ещё тариф?", "какой еще тариф"),
    ("What is the best way to learn Python?", "How do I learn Python?"),
    ("I have $1,000", "I have one thousand dollars"),
    ("Is it open at 17:00?", "Is it open at 5 pm?"),
    ("the weather on March 3rd, 2021", "the weather on 2021-03-03"),
    ("What is 15 plus 80?", "What is 15 + 80?"),
    ("a profit of $5.2 million", "a profit of 5.2 million dollars"),
    ("a profit of $5 million", "a profit of $5,000,000"),
    ("a laptop under 30k", "a laptop under 30,000"),
    ("the second world war II", "the second world war 2"),
    ("my 401(k) plan", "my 401k plan"),
    ("W-2 form", "w2 form"),
    ("Go to https://www.example.org/", "go to http://example.org"),
    ("How do I log in?", "How can I sign in?"),
    ("the difference between tea and coffee", "the difference between coffee and tea"),
    ("Is it safe? Why or why not?", "Is it safe? Why?"),
    ("In 1990 he moved to France", "He moved to France in 1990"),
    ("How can I improve my English knowledge?", "How can I improve my knowledge of English?"),
    ("How can I report a lost card?", "How can I report a card lost?"),
    ("How can you improve Google Chrome?", "How can Google Chrome be improved?"),
    ("Why is the sky blue?", "What is the reason the sky is blue?"),
    ("When will my order arrive?", "How long will my order take to arrive?"),
    ("How do I reset my pasword?", "How do I reset my password?"),
    ("Where can I find a tax form?", "Where can I get a tax form?"),
    ("Where is my baggage?", "Where is my luggage?"),
    ("Which web site is best?", "Which website is best?"),
    ("Wie ändere ich meine PIN?", "Wie kann ich meine PIN ändern?"),
    ("Was kosten 25 Karten?", "Was kosten fünfundzwanzig Karten?"),
    ("Wie sind die Öffnungszeiten?", "wie sind die öffnungszeiten bitte"),
    ("Comment changer mon mot de passe ?", "Comment puis-je modifier mon mot de passe ?"),
    ("¿Cómo cancelo mi pedido?", "¿Cómo puedo cancelar mi pedido?"),
    ("Come posso comprare un biglietto?", "Come posso acquistare un biglietto?"),
    ("Como posso mudar minha senha?", "Como posso alterar minha senha?"),
    ("Hoe kan ik mijn bestelling annuleren?", "Hoe annuleer ik mijn bestelling?"),
    ("Wie komme ich von Bonn nach Köln?", "Wie komme ich nach Köln von Bonn?"),
    ("What is the discount?", "Hi there, what is the discount? Thank you in advance."),
    ("Is it healthy?", "Can you help me? Is it healthy?"),
    ("Comment créer un compte ?", "Bonjour, pouvez-vous m'aider ? Comment créer un compte ?"),
    ("Qual è la capitale?", "Salve, qual è la capitale? Grazie mille"),
    ("Wo ist mein Paket?", "Guten Tag, wo ist mein Paket? Vielen Dank im Voraus"),
    ("Who is the president of Peru?", "What is the name of the president of Peru?"),
    ("How many days do I get per year?", "How many days do I get each year?"),
    ("How much is the yearly fee?", "How much is the fee each year?"),
    ("Wie viele Tage habe ich pro Jahr?", "Wie viele Tage habe ich jedes Jahr?"),
    ("How do I update my email address?", "How do I change my email address?"),
    ("How do I contact support?", "How can I get in touch with support?"),
    ("How do I reach support?", "How do I contact support?"),
    ("Wie kann ich den Kundenservice erreichen?", "Wie kann ich den Kundenservice kontaktieren?"),
    ("How long does delivery take?", "What is the delivery time?"),
    ("Can I ship to another address?", "Can I ship to a different address?"),
    ("Why was my payment declined?", "What is the reason my payment was declined?"),
    ("What is included in the basic plan?", "What does the basic plan include?"),
    ("delivery address change", "How do I change my delivery address?"),
    ("Is the course online?", "Is this an online course?"),
    ("How do I send SMS?", "How do I send a text message?"),
    ("How do I recover my password?", "How do I reset my password?"),
    ("How often should I change the filter?", "How often does the filter need to be changed?"),
    ("How often should I change the filter?", "How often should the filter be replaced?"),
    ("How do I set up a standing order?", "How do I create a standing order?"),
    ("Can I suspend my contract?", "Can I pause my contract?"),
    ("How do I post a parcel?", "How do I send a parcel?"),
    ("How do I stop my subscription?", "How do I cancel my subscription?"),
    ("How do I activate roaming?", "How do I turn roaming on?"),
    ("How do I turn my notifications off?", "How do I disable notifications?"),
    ("My PIN is blocked, how can I unblock it?", "How do I unblock my PIN?"),
    ("Does insurance cover dental work?", "Is dental work covered by insurance?"),
    ("How do I reverse a list in Python?", "Python: how to reverse a list"),
    ("I can't log in", "I am unable to log in"),
    ("Can you show me the rules?", "Can you explain the rules?"),
    ("Do I need a reservation?", "Is a reservation necessary?"),
    ("Was Caesar killed by Brutus?", "Did Brutus kill Caesar?"),
    ("What are the pros and cons of it?", "What are the advantages and disadvantages of it?"),
    ("How can I get my deposit back?", "How do I get back my deposit?"),
    ("Who painted the Mona Lisa?", "The Mona Lisa was painted by whom?"),
    ("What is machine learning?", "Define machine learning"),
    ("What is 5 km in feet?", "Convert 5 km to feet"),
    ("Is aspirin to be taken before meals?", "Should I take aspirin before meals?"),
    ("How do I increase the font size?", "How do I make the font size bigger?"),
    ("Wie setze ich mein Passwort zurück?", "Wie kann ich mein Passwort zurücksetzen?"),
    ("Hoe zet ik meldingen van Netflix aan?", "Hoe kan ik meldingen van Netflix aanzetten?"),
    ("Is the shop still open?", "Is the shop open?"),
    ("Why is it still not working?", "Why is it not working yet?"),
    ("Has my parcel arrived already?", "Has my parcel arrived yet?"),
    ("Ist der Laden noch offen?", "Ist der Laden offen?"),
    ("My card was stolen, what should I do?", "What should I do if my card was stolen?"),
    ("Can I take at most 20 kg?", "Can I take up to 20 kg?"),
    ("How do I get my jacket off?", "How do I get off my jacket?"),
    ("What is the capital of Peru?", "What is Peru's capital?"),
    ("How should salmon be cooked?", "How do I cook salmon?"),
    ("Is a visa required for Turkey?", "Do I need a visa for Turkey?"),
    ("What does git rebase do?", "Can you explain what git rebase does?"),
    ("I forgot my PIN", "I can't remember my PIN"),
    ("What is 20% of 150?", "Calculate 20% of 150"),
    ("I want my account deleted", "How do I delete my account?"),
    ("report lost card", "How do I report a lost card?"),
    ("I have to change my PIN", "How do I change my PIN?"),
    ("Activate my card please", "How do I activate my card?"),
    ("Ich möchte mein Konto löschen", "Wie lösche ich mein Konto?"),
    ("How do I log on to the portal?", "How do I sign on to the portal?"),
    ("Walk me through how to file a claim", "Please explain how to file a claim"),
    ("I want to know how to apply for a card", "How do I request a card?"),
]


@pytest.mark.parametrize(("asked", "stored"), SAME)
def test_no_gate_refuses_either_way(asked: str, stored: str) -> None:
    assert refusing(asked, stored) == set()
    assert refusing(stored, asked) == set()


@pytest.mark.parametrize(("asked", "stored"), SAME)
def test_the_chain_accepts_what_a_model_finds_very_near(asked: str, stored: str) -> None:
    assert judge(asked, stored, 0.98).accepted


def test_below_the_threshold_nothing_is_accepted() -> None:
    judgement = judge("How can I change my PIN?", "How do I change my PIN?", 0.49)
    assert (judgement.accepted, judgement.gate) == (False, "similarity")


def test_texts_in_the_same_words_may_be_further_apart() -> None:
    asked, stored = "Dites-moi comment supprimer mon compte", "Comment supprimer mon compte ?"
    assert judge(asked, stored, 0.78).accepted
    assert not judge(asked, stored, 0.49).accepted
    assert not judge(asked, "Comment supprimer mon compte joint ?", 0.78).accepted


ALIGNED = [
    ("Come posso disdire il contratto?", "Qual è la procedura per disdire il contratto?"),
    ("Comment perdre du poids ?", "Quelle est la meilleure méthode pour perdre du poids ?"),
    ("Qual é o horário de funcionamento?", "A que horas vocês abrem?"),
    ("Serve un visto per la Svizzera?", "Ho bisogno del visto per la Svizzera?"),
    ("Hoe laat gaan jullie open?", "Wanneer zijn jullie open?"),
    ("When are the exams?", "What are the exam dates?"),
    ("Wann sind die Prüfungen?", "Wann finden die Prüfungen statt?"),
    ("A che ora aprite?", "Quando aprite?"),
    ("Quelles tailles avez-vous ?", "Quelles tailles sont disponibles ?"),
    ("Wie kann ich Punkte sammeln?", "Wie sammle ich Punkte?"),
    ("Kann ich die Schuhe umtauschen?", "Ist ein Umtausch der Schuhe möglich?"),
    ("Waht is teh capital of Peru?", "What is the capital of Peru?"),
    ("Wie knan ich meine Betsellung stornieren?", "Wie kann ich meine Bestellung stornieren?"),
    ("How do I reset my pasword?", "How do I reset my password?"),
    ("What is the way to quit smoking?", "Show me how to stop smoking"),
    ("Vorrei aprire un conto", "Come apro un conto?"),
    ("Konto löschen bitte", "Wie lösche ich mein Konto?"),
    ("Ist das Geschäft offen?", "Ist der Laden offen?"),
    ("¿Cuánto cuesta la entrega?", "¿Qué precio tiene la entrega?"),
    ("Je veux effacer mon compte", "De quelle façon puis-je supprimer mon compte ?"),
    ("Quero mudar minha senha", "Como posso alterar minha senha?"),
    ("Ik wil mijn bestelling annuleren", "Hoe annuleer ik mijn bestelling?"),
    ("Chcę zmienić hasło", "Jak zmienić hasło?"),
    ("Comment renvoyer un produit ?", "Dites-moi comment retourner un article"),
    ("Do you ship to Spain?", "Can you deliver to Spain?"),
]


@pytest.mark.parametrize(("asked", "stored"), ALIGNED)
def test_where_nothing_is_left_over_a_model_may_find_them_far(asked: str, stored: str) -> None:
    assert judge(asked, stored, 0.52).accepted
    assert judge(stored, asked, 0.52).gate == "aligned"
    assert not judge(asked, stored, 0.49).accepted


NOT_ALIGNED = [
    ("What form does it take?", "What from does it take?"),
    ("Which dose of aspirin is right?", "Which does of aspirin is right?"),
    ("How do I feel about space travel?", "How does it feel after space travel?"),
    ("What is an archived email?", "What is the best way to archive emails?"),
    ("What is the best time to visit Japan?", "What is the best place to visit in Japan?"),
    ("Can I hide apps on my phone?", "What is the best app hiding a phone?"),
    ("Which tickets are left?", "How many tickets are left?"),
    ("Is my account blocked?", "How do I block my account?"),
    ("What is my username?", "What is a username?"),
    ("What is a transform?", "What is a transformer?"),
    ("How great are you at math?", "How can I be great at math?"),
    ("Which one do you choose?", "Which one should I choose?"),
    ("What does the manager want?", "What does the manager need to know?"),
    ("Kennst du sie?", "Kennt sie dich?"),
]


@pytest.mark.parametrize(("asked", "stored"), NOT_ALIGNED)
def test_the_same_words_in_another_question_need_a_cosine(asked: str, stored: str) -> None:
    assert not judge(asked, stored, 0.7).accepted
    assert not judge(stored, asked, 0.7).accepted


def test_a_users_floor_holds_for_the_same_words_too() -> None:
    strict = replace(chain(), threshold=threshold_of("all-MiniLM-L6-v2", 0.9))
    pair = (read("Show me how to delete my account"), read("How do I delete my account?"))
    assert strict.judge(*pair, 0.91).accepted
    assert strict.judge(*pair, 0.89).gate == "similarity"


def test_a_cosine_that_is_no_number_is_not_accepted() -> None:
    assert not judge("How can I change it?", "How do I change it?", float("nan")).accepted


def test_the_same_words_are_accepted_whatever_the_model_says() -> None:
    assert judge("What is  up?", "what is up", 0.1).gate == "identical"


IN_OTHER_FRAMES = [
    ("Hey, so I was wondering how long delivery takes", "How long does delivery take?"),
    ("How much is delivery?", "What is the price of delivery?"),
    ("What is the processing time?", "How long does processing take?"),
    ("Where is your shop?", "What is the address of your shop?"),
    ("Wie sind Ihre Öffnungszeiten?", "Wann habt ihr geöffnet?"),
    ("¿Cuánto tarda la entrega?", "¿Cuánto tiempo tarda la entrega?"),
    ("Ik wil graag weten hoe ik mijn abonnement opzeg", "Hoe zeg ik mijn abonnement op?"),
    ("Come annullo l'ordine?", "Come posso annullare il mio ordine?"),
    ("Où se trouve mon colis ?", "Où est mon colis ?"),
    ("How do I make an appointment?", "How can I book an appointment?"),
    ("How do I request leave?", "How do I apply for leave?"),
    ("Is roaming included in my plan?", "Does my plan include roaming?"),
]


@pytest.mark.parametrize(("asked", "stored"), IN_OTHER_FRAMES)
def test_another_frame_around_the_same_question_is_no_difference(asked: str, stored: str) -> None:
    assert judge(asked, stored, 0.86).accepted
    assert judge(stored, asked, 0.86).accepted


UNLIKE = [
    ("How much is delivery?", "How fast is delivery?"),
    ("What is the processing fee?", "What is the processing time?"),
    ("Where is my parcel?", "What is my parcel?"),
    ("How do I change my plan?", "How do I change my plane?"),
    ("How do I book a table?", "How do I make a table?"),
    ("Quanto dura la spedizione?", "Quanto costa la spedizione?"),
    ("How many parcels are there?", "How long are parcels?"),
]


@pytest.mark.parametrize(("asked", "stored"), UNLIKE)
def test_a_frame_that_asks_for_something_else_is_one(asked: str, stored: str) -> None:
    assert not judge(asked, stored, 0.86).accepted


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        ("My phone was stolen, what should I do?", "What do I do if my mobile is stolen?"),
        ("¿Qué hago si no recuerdo mi contraseña?", "He olvidado mi contraseña"),
        ("Which city is the capital of India?", "What is the capital of India?"),
        ("Comment s'appelle la capitale de l'Inde ?", "Quelle est la capitale de l'Inde ?"),
        ("Where do I update my email?", "How can I change my email address?"),
        ("What is the best season to visit Vietnam?", "What is the best time to visit Vietnam?"),
        ("¿Hay wifi?", "¿Tienen wifi?"),
        ("Do you like a Nikon or a Canon?", "Do you like a Canon or a Nikon?"),
        ("What impact will the law have on rents?", "How will the law affect rents?"),
        ("Is breakfast included?", "Does the price include breakfast?"),
        ("What do we do if the engine smokes?", "What should I do if the engine is smoking?"),
    ],
)
def test_a_trouble_a_name_or_a_place_may_be_asked_for_in_two_ways(asked: str, stored: str) -> None:
    assert judge(asked, stored, 0.86).accepted
    assert judge(stored, asked, 0.86).accepted


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        ("What should I do if my card is stolen?", "Is my card stolen?"),
        ("What should I do if I want a refund?", "What should I eat if I want a refund?"),
        ("My card is lost, what now?", "My card is lost, how do I pay and what does it cost?"),
        ("What do I do if my card is blocked?", "How do I block my card?"),
        ("Where do I buy a house?", "How do I buy a house cheaply?"),
        ("Is there a charge?", "Is there a charger?"),
        ("How much does a refund cost?", "How much refund do I get?"),
        ("What's the price of the book?", "What's the price of booking?"),
        ("What is my address at the branch?", "What is the address of the branch?"),
        ("How much do you charge per hour?", "How many hours do you charge?"),
        ("Can I check in?", "Can I check?"),
        ("What if Quora was banned in India?", "What if banned was Quora in India?"),
        ("Which book is best for algorithms?", "Which algorithms is best for book?"),
        ("Can Toyota change Japan?", "Is Toyota changing Japan?"),
        ("How long do eggs last?", "How long do eggs last and how long does it take?"),
        ("What should I do if I fail the exam?", "What happens if I fail the exam?"),
        ("Come si chiama il direttore?", "Come chiamo il direttore?"),
        ("Vous livrez en Suisse ?", "Vous livrez depuis la Suisse ?"),
    ],
)
def test_but_not_for_another_thing_in_the_same_words(asked: str, stored: str) -> None:
    assert not judge(asked, stored, 0.9).accepted


OTHERWISE_BUILT = [
    ("Is it harmful to run with a cold?", "Does running with a cold harm you?"),
    ("Which camera is best for beginners?", "I am looking for a good beginner camera"),
    ("Why is saffron so expensive?", "What makes saffron cost that much?"),
    ("How do I sharpen a knife?", "What would be a good way for me to hone a knife?"),
]
ALIKE_BUILT = [
    ("How do I sharpen a knife?", "How do I clean a knife?"),
    ("Can a cat hurt a dog?", "Can a dog hurt a cat?"),
    ("Comment aiguiser un couteau ?", "Je voudrais savoir comment on nettoie un couteau"),
]


@pytest.mark.parametrize(("asked", "stored"), OTHERWISE_BUILT)
def test_one_word_for_another_or_in_another_place_may_be_a_matter_of_the_sentence(
    asked: str, stored: str
) -> None:
    assert not refusing(asked, stored) & {"order", "replaced"}


@pytest.mark.parametrize(("asked", "stored"), ALIKE_BUILT)
def test_in_sentences_built_alike_or_in_other_languages_it_is_another_question(
    asked: str, stored: str
) -> None:
    assert refusing(asked, stored) & {"order", "replaced"}


def test_a_currency_between_a_bound_and_its_number_changes_no_bound() -> None:
    assert not refusing("Which phone is best under 15000?", "Which phone is best under Rs 15000?")
