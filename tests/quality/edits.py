"""What is done to a text: so that it still asks the same, and so that it asks something else."""

from __future__ import annotations

from typing import Final

from llmcache_sidecar.verify.lexicon import listed

FILLERS: Final[dict[str, tuple[list[str], list[str]]]] = {
    "en": (
        listed(
            "Hi, |Hello, |Please tell me, |I was wondering, |Quick question: |Hey there, |Can "
            "you help me? |I have a question. |Excuse me,",
            "|",
        ),
        [", please?", "? Thanks!", "? Thank you in advance.", " exactly?", " please"],
    ),
    "de": (["Hallo, ", "Guten Tag, ", "Kurze Frage: "], [" bitte?", "? Danke!", "? Vielen Dank"]),
    "fr": (["Bonjour, ", "Salut, "], [" s'il vous pla\u00eet ?", " ? Merci !", " svp ?"]),
    "es": (["Hola, ", "Buenas, "], [", por favor?", "? Gracias"]),
    "it": (["Ciao, ", "Salve, "], [", per favore?", "? Grazie"]),
    "pt": (["Ol\u00e1, ", "Oi, "], [", por favor?", "? Obrigado"]),
    "nl": (["Hallo, ", "Hoi, "], [" alstublieft?", "? Bedankt"]),
}

ADJUNCTS: Final[dict[str, list[str]]] = {
    "en": listed(
        "in Germany|in Mexico|at night|during pregnancy|for children|for seniors|on Android|on "
        "an iPhone|without internet|without a bank account|for a company|for students|as a "
        "foreigner|as a tourist|in winter|in the summer|with a credit card|with PayPal|on "
        "weekends|on holidays|from abroad|from work|by phone|by letter|in the app|on the "
        "website|after a surgery|after an accident|for beginners|for experts|in one week|within "
        "a month|before 2010|since last year|at home|at school|if I am under 18|if I have "
        "moved|under the new law|in a hospital|for my mother|for my dog|using Linux|using a "
        "terminal|when it rains|while driving|over the age of sixty|in high school",
        "|",
    ),
    "de": listed(
        "in Österreich|in der Schweiz|am Wochenende|an Feiertagen|für Kinder|für Studenten|ohne "
        "Internet|ohne Bankkonto|auf dem Handy|in der App|aus dem Ausland|für Firmen|im "
        "Winter|im Sommer|per Telefon|per Brief",
        "|",
    ),
    "fr": listed(
        "en Belgique|en Suisse|le week-end|la nuit|pour les enfants|pour les étudiants|sans "
        "internet|sans compte|sur Android|sur iPhone|depuis l'étranger|pour une entreprise",
        "|",
    ),
    "es": listed(
        "en Argentina|en México|los fines de semana|por la noche|para niños|para estudiantes|sin "
        "internet|sin cuenta|en Android|en el iPhone|desde el extranjero|para empresas",
        "|",
    ),
    "it": listed(
        "in Svizzera|in Austria|nel fine settimana|di notte|per bambini|per studenti|senza "
        "internet|senza conto|su Android|su iPhone|dall'estero|per le aziende",
        "|",
    ),
    "pt": listed(
        "em Angola|no Brasil|no fim de semana|à noite|para crianças|para estudantes|sem "
        "internet|sem conta|no Android|no iPhone|do exterior|para empresas",
        "|",
    ),
    "nl": listed(
        "in België|in Duitsland|in het weekend|'s nachts|voor kinderen|voor studenten|zonder "
        "internet|zonder rekening|op Android|op een iPhone|vanuit het buitenland|voor bedrijven",
        "|",
    ),
}

CARRIERS: Final[dict[str, tuple[str, list[str]]]] = {
    "en": (
        r"(?:How (?:do|can|should) I|Is it possible to) (.*?)\?",
        listed(
            "Can you tell me how to {}?|I want to know how to {}|Show me how to {}|"
            "What do I have to do to {}?|Please explain how to {}|I need help, I want to {}|"
            "Could you walk me through how to {}?|I'm trying to {}, how does that work?|"
            "What are the steps to {}?|Is there a way to {}?|I'd like to {}|"
            "What is the easiest way to {}?",
            "|",
        ),
    ),
    "de": (
        r"Wie kann ich (.*?)\?",
        listed(
            "Ich m\u00f6chte wissen, wie ich {} kann|K\u00f6nnen Sie mir sagen, wie ich {} kann?|"
            "Erkl\u00e4ren Sie mir bitte, wie ich {} kann|Ist es m\u00f6glich, dass ich {} kann?",
            "|",
        ),
    ),
    "fr": (
        r"Comment (?:puis-je )?(.*?) \?",
        listed(
            "Je voudrais savoir comment {}|Pouvez-vous m'expliquer comment {} ?|"
            "Dites-moi comment {}|Que faire pour {} ?",
            "|",
        ),
    ),
    "es": (
        r"\u00bfC\u00f3mo puedo (.*?)\?",
        listed(
            "Quiero saber c\u00f3mo {}|\u00bfMe pueden explicar c\u00f3mo {}?|Necesito {}|"
            "\u00bfQu\u00e9 hago para {}?",
            "|",
        ),
    ),
    "it": (
        r"(?:Come|In che modo) posso (.*?)\?",
        listed(
            "Vorrei sapere come {}|Potete spiegarmi come {}?|Cosa devo fare per {}?|Ho bisogno di {}",
            "|",
        ),
    ),
    "pt": (
        r"Como (?:posso )?(.*?)\?",
        listed(
            "Gostaria de saber como {}|Podem me explicar como {}?|O que fa\u00e7o para {}?|Preciso {}",
            "|",
        ),
    ),
    "nl": (
        r"Hoe kan ik (.*?)\?",
        listed(
            "Ik wil graag weten hoe ik {} kan|Kunt u mij uitleggen hoe ik {} kan?|"
            "Ik zou graag {}|Is het mogelijk om {}?",
            "|",
        ),
    ),
    "pl": (
        r"Jak mog\u0119 (.*?)\?",
        listed(
            "Chcia\u0142bym wiedzie\u0107, jak {}|Prosz\u0119 wyja\u015bni\u0107, jak {}|"
            "Co zrobi\u0107, \u017ceby {}?|Chc\u0119 {}",
            "|",
        ),
    ),
}
"""How a question about a way is put, and what people say in its stead."""

MODIFIERS: Final = listed(
    "virtual business joint foreign second temporary digital premium corporate international "
    "secondary shared personal local national private rural professional free used electric "
    "wireless portable organic vegan medical legal political religious academic military "
    "industrial cheap luxury female male young elderly pregnant disabled retired married"
)

SECOND_QUESTIONS: Final = listed(
    "and how much does it cost|and is it safe|and who can help me with it|and what are the "
    "risks|and how long does it take|and where can I complain|and why is it so expensive|and "
    "what happens afterwards|and what are the alternatives|and can I do it twice",
    "|",
)

# Language, what differs, a text, another way to ask it ("" where there is none), a near miss.
FRAMES: Final[tuple[tuple[str, str, str, str, str], ...]] = (
    (
        "en",
        "number",
        "How do I pay {num} dollars in advance?",
        "How can I pay ${num} in advance?",
        "How do I pay {num2} dollars in advance?",
    ),
    (
        "en",
        "number",
        "Can a {num} year old get an account?",
        "Is an account possible for a {num} year old?",
        "Can a {num2} year old get an account?",
    ),
    (
        "en",
        "number",
        "What is {num} percent of 3000?",
        "How much is {num}% of 3000?",
        "What is {num2} percent of 3000?",
    ),
    (
        "en",
        "number",
        "{name} has {num} apples and eats 2. How many are left?",
        "{name} had {num} apples and ate 2 of them. How many apples are left?",
        "{name} has {num2} apples and eats 2. How many are left?",
    ),
    (
        "en",
        "number",
        "A train travels {num} km in 2 hours. What is its speed?",
        "If a train covers {num} km in 2 hours, how fast is it?",
        "A train travels {num2} km in 2 hours. What is its speed?",
    ),
    (
        "en",
        "unit",
        "What is {num} km in feet?",
        "Convert {num} kilometers to feet",
        "What is {num} miles in feet?",
    ),
    (
        "en",
        "unit",
        "Is {num} kg too heavy for hand luggage?",
        "Is hand luggage of {num} kg too heavy?",
        "Is {num} lbs too heavy for hand luggage?",
    ),
    (
        "en",
        "year",
        "Who won the world cup in {year}?",
        "Which team won the {year} world cup?",
        "Who won the world cup in {year2}?",
    ),
    (
        "en",
        "year",
        "What were the best films of {year}?",
        "Which films were the best of {year}?",
        "What were the best films of {year2}?",
    ),
    (
        "en",
        "code",
        "What does error {code} mean?",
        "What is the meaning of error {code}?",
        "What does error {code2} mean?",
    ),
    (
        "en",
        "version",
        "How do I install version {version}?",
        "How can I install version {version}?",
        "How do I install version {version2}?",
    ),
    (
        "en",
        "version",
        "Is {app} {version} compatible with my system?",
        "Does {app} {version} work with my system?",
        "Is {app} {version2} compatible with my system?",
    ),
    (
        "en",
        "month",
        "What is the weather like in {city} in {month}?",
        "How is the weather in {city} in {month}?",
        "What is the weather like in {city} in {month2}?",
    ),
    (
        "en",
        "day",
        "Are you open on {day}?",
        "Is your shop open on {day}s?",
        "Are you open on {day2}?",
    ),
    (
        "en",
        "negation",
        "Why can I {verb} this file?",
        "What is the reason that I can {verb} this file?",
        "Why can I not {verb} this file?",
    ),
    (
        "en",
        "negation",
        "What should I eat with {illness}?",
        "What food should I eat if I have {illness}?",
        "What should I not eat with {illness}?",
    ),
    (
        "en",
        "negation",
        "Can I take {drug} with food?",
        "Is it possible to take {drug} together with food?",
        "Can I take {drug} without food?",
    ),
    ("en", "negation", "My {device} is charging", "", "My {device} is not charging"),
    (
        "en",
        "opposite",
        "How do I turn on notifications in {app}?",
        "How can I switch notifications on in {app}?",
        "How do I turn off notifications in {app}?",
    ),
    (
        "en",
        "opposite",
        "How do I enable updates on my {device}?",
        "How can updates be enabled on my {device}?",
        "How do I disable updates on my {device}?",
    ),
    (
        "en",
        "opposite",
        "Should I take {drug} before meals?",
        "Is {drug} to be taken before meals?",
        "Should I take {drug} after meals?",
    ),
    (
        "en",
        "opposite",
        "How do I increase the font size in {app}?",
        "How can I make the font size bigger in {app}?",
        "How do I decrease the font size in {app}?",
    ),
    (
        "en",
        "opposite",
        "What is the maximum age for a job at {company}?",
        "",
        "What is the minimum age for a job at {company}?",
    ),
    (
        "en",
        "opposite",
        "Where can I buy {company} shares?",
        "Where do I purchase shares of {company}?",
        "Where can I sell {company} shares?",
    ),
    (
        "en",
        "opposite",
        "How do I upload files to {app}?",
        "What is the way to upload files to {app}?",
        "How do I download files from {app}?",
    ),
    (
        "en",
        "opposite",
        "What are the advantages of living in {city}?",
        "What are the benefits of living in {city}?",
        "What are the disadvantages of living in {city}?",
    ),
    (
        "en",
        "opposite",
        "Who was the first president of {country}?",
        "",
        "Who was the last president of {country}?",
    ),
    (
        "en",
        "opposite",
        "Is it legal to film in {country}?",
        "Is filming legal in {country}?",
        "Is it illegal to film in {country}?",
    ),
    (
        "en",
        "comparison",
        "Is {company} bigger than {company2}?",
        "Is {company} larger than {company2}?",
        "Is {company2} bigger than {company}?",
    ),
    (
        "en",
        "comparison",
        "Why is {tech} better than {tech2}?",
        "What makes {tech} better than {tech2}?",
        "Why is {tech2} better than {tech}?",
    ),
    (
        "en",
        "comparison",
        "Which is the cheapest hotel in {city}?",
        "What is the cheapest hotel in {city}?",
        "Which is the most expensive hotel in {city}?",
    ),
    (
        "en",
        "amount",
        "Do all employees of {company} get a bonus?",
        "Does every employee of {company} get a bonus?",
        "Do some employees of {company} get a bonus?",
    ),
    ("en", "amount", "Can everyone {verb} my files?", "", "Can no one {verb} my files?"),
    (
        "en",
        "direction",
        "How do I get from {city} to {city2}?",
        "What is the best way to go from {city} to {city2}?",
        "How do I get from {city2} to {city}?",
    ),
    (
        "en",
        "direction",
        "Convert {num} euros to dollars",
        "How much is {num} euros in dollars?",
        "Convert {num} dollars to euros",
    ),
    (
        "en",
        "direction",
        "How do I translate a text from {lang} into {lang2}?",
        "How can I translate a text from {lang} into {lang2}?",
        "How do I translate a text from {lang2} into {lang}?",
    ),
    (
        "en",
        "direction",
        "How do I move my contacts from {app} to {app2}?",
        "How can I transfer contacts from {app} to {app2}?",
        "How do I move my contacts from {app2} to {app}?",
    ),
    (
        "en",
        "roles",
        "Did {name} help {name2}?",
        "Was {name} helping {name2}?",
        "Did {name2} help {name}?",
    ),
    (
        "en",
        "roles",
        "Why did {company} sue {company2}?",
        "What was the reason that {company} sued {company2}?",
        "Why did {company2} sue {company}?",
    ),
    ("en", "roles", "Can a {animal} hurt a {animal2}?", "", "Can a {animal2} hurt a {animal}?"),
    (
        "en",
        "roles",
        "{name} is older than {name2} but younger than Eve",
        "",
        "{name2} is older than {name} but younger than Eve",
    ),
    (
        "en",
        "roles",
        "How do I move {verb} before {verb2} in the menu?",
        "",
        "How do I move {verb2} before {verb} in the menu?",
    ),
    (
        "en",
        "tense",
        "Who is the president of {country}?",
        "Who is {country}'s president?",
        "Who was the president of {country}?",
    ),
    ("en", "tense", "Did it rain in {city}?", "", "Will it rain in {city}?"),
    (
        "en",
        "question",
        "When does {app} start?",
        "At what time does {app} start?",
        "Why does {app} start?",
    ),
    (
        "en",
        "question",
        "Where was {person} born?",
        "In which place was {person} born?",
        "When was {person} born?",
    ),
    (
        "en",
        "question",
        "How do I make {food}?",
        "What is the way to make {food}?",
        "Why do I make {food}?",
    ),
    ("en", "question", "Who leads {company}?", "", "Where does {company} lead?"),
    ("en", "same words", "Can {company} change {country}?", "", "Is {company} changing {country}?"),
    ("en", "same words", "What is {tech}?", "What does {tech} mean?", "Is {tech} free?"),
    ("en", "same words", "Should I sell my {device}?", "", "How should I sell my {device}?"),
    ("en", "same words", "Who is {person}?", "", "What does {person} do at night?"),
    ("en", "same words", "Do you like {food}?", "", "Why would anybody like {food}?"),
    ("en", "same words", "How do I feel about {topic}?", "", "How does it feel after {topic}?"),
    ("en", "same words", "What is {illness}?", "What does {illness} mean?", "Who has {illness}?"),
    ("en", "same words", "Did you visit {city}?", "", "Which {city} should I visit?"),
    ("en", "same words", "Can my {animal} see me?", "", "Should I see my {animal}?"),
    ("en", "same words", "What did {person} study?", "", "Who can study under {person}?"),
    ("en", "same words", "Is {lang} useful?", "", "What is useful in {lang}?"),
    ("en", "same words", "How do you use {app}?", "", "Who uses {app}?"),
    (
        "en",
        "entity",
        "What is the phone number of {company}?",
        "How can I call {company}?",
        "What is the phone number of {company2}?",
    ),
    (
        "en",
        "entity",
        "Is {drug} safe for a {animal}?",
        "Can a {animal} take {drug} safely?",
        "Is {drug2} safe for a {animal}?",
    ),
    (
        "en",
        "entity",
        "How do I log in to {app}?",
        "How can I sign in to {app}?",
        "How do I log in to {app2}?",
    ),
    (
        "en",
        "entity",
        "Write a poem about a {animal}",
        "Compose a poem about a {animal}",
        "Write a poem about a {animal2}",
    ),
    (
        "en",
        "entity",
        "Translate 'good {thing}' into {lang}",
        "How do you say 'good {thing}' in {lang}?",
        "Translate 'good {thing2}' into {lang}",
    ),
    (
        "en",
        "place",
        "Is there wifi at {place}?",
        "Does {place} have wifi?",
        "Is there wifi at {place2}?",
    ),
    (
        "de",
        "number",
        "Was kostet ein Ticket für {num} Personen?",
        "Wie viel kostet ein Ticket für {num} Personen?",
        "Was kostet ein Ticket für {num2} Personen?",
    ),
    (
        "de",
        "opposite",
        "Wie schalte ich die Benachrichtigungen in {app} ein?",
        "Wie kann ich Benachrichtigungen in {app} einschalten?",
        "Wie schalte ich die Benachrichtigungen in {app} aus?",
    ),
    (
        "de",
        "negation",
        "Warum wird meine Karte akzeptiert?",
        "",
        "Warum wird meine Karte nicht akzeptiert?",
    ),
    (
        "de",
        "direction",
        "Wie komme ich von {city} nach {city2}?",
        "Wie fahre ich am besten von {city} nach {city2}?",
        "Wie komme ich von {city2} nach {city}?",
    ),
    (
        "de",
        "day",
        "Habt ihr am {day} offen?",
        "Ist am {day} geöffnet?",
        "Habt ihr am {day2} offen?",
    ),
    (
        "de",
        "opposite",
        "Soll ich {app} vor dem Update schließen?",
        "",
        "Soll ich {app} nach dem Update schließen?",
    ),
    (
        "fr",
        "number",
        "Combien coûte un billet pour {num} personnes ?",
        "Quel est le prix d'un billet pour {num} personnes ?",
        "Combien coûte un billet pour {num2} personnes ?",
    ),
    (
        "fr",
        "opposite",
        "Comment activer les notifications de {app} ?",
        "De quelle façon puis-je activer les notifications de {app} ?",
        "Comment désactiver les notifications de {app} ?",
    ),
    (
        "fr",
        "negation",
        "Pourquoi ma carte est-elle acceptée ?",
        "",
        "Pourquoi ma carte n'est-elle pas acceptée ?",
    ),
    (
        "fr",
        "direction",
        "Comment aller de {city} à {city2} ?",
        "Quel est le meilleur moyen d'aller de {city} à {city2} ?",
        "Comment aller de {city2} à {city} ?",
    ),
    (
        "fr",
        "day",
        "Êtes-vous ouverts le {day} ?",
        "Le magasin est-il ouvert le {day} ?",
        "Êtes-vous ouverts le {day2} ?",
    ),
    (
        "es",
        "number",
        "¿Cuánto cuesta un billete para {num} personas?",
        "¿Qué precio tiene un billete para {num} personas?",
        "¿Cuánto cuesta un billete para {num2} personas?",
    ),
    (
        "es",
        "opposite",
        "¿Cómo activo las notificaciones de {app}?",
        "¿Cómo puedo activar las notificaciones de {app}?",
        "¿Cómo desactivo las notificaciones de {app}?",
    ),
    ("es", "negation", "¿Por qué aceptan mi tarjeta?", "", "¿Por qué no aceptan mi tarjeta?"),
    (
        "es",
        "direction",
        "¿Cómo voy de {city} a {city2}?",
        "¿Cuál es la mejor forma de ir de {city} a {city2}?",
        "¿Cómo voy de {city2} a {city}?",
    ),
    ("es", "day", "¿Abren el {day}?", "¿Están abiertos el {day}?", "¿Abren el {day2}?"),
    (
        "it",
        "number",
        "Quanto costa un biglietto per {num} persone?",
        "Qual è il prezzo di un biglietto per {num} persone?",
        "Quanto costa un biglietto per {num2} persone?",
    ),
    (
        "it",
        "opposite",
        "Come attivo le notifiche di {app}?",
        "Come posso attivare le notifiche di {app}?",
        "Come disattivo le notifiche di {app}?",
    ),
    ("it", "day", "Siete aperti {day}?", "Il negozio è aperto {day}?", "Siete aperti {day2}?"),
    (
        "pt",
        "number",
        "Quanto custa um bilhete para {num} pessoas?",
        "Qual é o preço de um bilhete para {num} pessoas?",
        "Quanto custa um bilhete para {num2} pessoas?",
    ),
    (
        "pt",
        "opposite",
        "Como ativo as notificações do {app}?",
        "Como posso ativar as notificações do {app}?",
        "Como desativo as notificações do {app}?",
    ),
    ("pt", "negation", "Por que meu cartão foi aceito?", "", "Por que meu cartão não foi aceito?"),
    (
        "nl",
        "number",
        "Wat kost een kaartje voor {num} personen?",
        "Hoe duur is een kaartje voor {num} personen?",
        "Wat kost een kaartje voor {num2} personen?",
    ),
    (
        "nl",
        "opposite",
        "Hoe zet ik meldingen van {app} aan?",
        "Hoe kan ik meldingen van {app} aanzetten?",
        "Hoe zet ik meldingen van {app} uit?",
    ),
    (
        "nl",
        "negation",
        "Waarom wordt mijn kaart geaccepteerd?",
        "",
        "Waarom wordt mijn kaart niet geaccepteerd?",
    ),
)
