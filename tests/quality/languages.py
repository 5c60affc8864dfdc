# ruff: noqa: E501  (a row a line reads better than six)
"""What gates must know in each language, whatever the model: a text, the same, and a near miss.

Every pair is judged at one cosine, `NEAR`, as by a model that finds all of them alike: a multilingual
one does. Nothing is trained on these.
"""

from __future__ import annotations

from typing import Final

from llmcache_sidecar.verify import Chain, read

NEAR: Final = 0.95

Row = tuple[str, str, str, str]
"""What differs, a text, another way to ask it, a near miss."""

ROWS: Final[dict[str, tuple[Row, ...]]] = {
    "en": (
        ("number", "Can I book 3 rooms?", "Is it possible to book 3 rooms?", "Can I book 4 rooms?"),
        ("negation", "Why does the app start?", "why does the app start", "Why does the app not start?"),
        ("on and off", "How do I turn on roaming?", "How can I switch roaming on?", "How do I turn off roaming?"),
        ("opposite", "How do I open an account?", "How can I open an account?", "How do I close an account?"),
        ("before", "Can I pay before delivery?", "Is it possible to pay before delivery?", "Can I pay after delivery?"),
        ("direction", "Is there a bus from Graz to Linz?", "is there a bus to Linz from Graz", "Is there a bus from Linz to Graz?"),
        ("amount", "Do all rooms have wifi?", "Does every room have wifi?", "Do some rooms have wifi?"),
        ("question", "When does the course begin?", "When does the course start?", "Where does the course begin?"),
        ("date", "Are you open on May 3?", "are you open on the 3rd of May", "Are you open on May 4?"),
        ("replaced", "What does a ticket for adults cost?", "How much is a ticket for adults?", "What does a ticket for dogs cost?"),
    ),
    "de": (
        ("number", "Kann ich 3 Zimmer buchen?", "Kann ich drei Zimmer buchen?", "Kann ich 4 Zimmer buchen?"),
        ("negation", "Warum startet die App?", "warum startet die app", "Warum startet die App nicht?"),
        ("on and off", "Wie schalte ich Roaming ein?", "Wie kann ich Roaming einschalten?", "Wie schalte ich Roaming aus?"),
        ("opposite", "Wie er\u00f6ffne ich ein Konto?", "Wie kann ich ein Konto er\u00f6ffnen?", "Wie k\u00fcndige ich ein Konto?"),
        ("before", "Kann ich vor der Lieferung zahlen?", "Kann ich vor Lieferung bezahlen?", "Kann ich nach der Lieferung zahlen?"),
        ("direction", "F\u00e4hrt ein Bus von Graz nach Linz?", "f\u00e4hrt ein Bus nach Linz von Graz", "F\u00e4hrt ein Bus von Linz nach Graz?"),
        ("amount", "Haben alle Zimmer WLAN?", "Hat jedes Zimmer WLAN?", "Haben einige Zimmer WLAN?"),
        ("question", "Wann beginnt der Kurs?", "Wann startet der Kurs?", "Wo beginnt der Kurs?"),
        ("date", "Habt ihr am 3. Mai offen?", "habt ihr am 3. Mai offen", "Habt ihr am 4. Mai offen?"),
        ("replaced", "Was kostet ein Ticket f\u00fcr Erwachsene?", "Wie viel kostet ein Ticket f\u00fcr Erwachsene?", "Was kostet ein Ticket f\u00fcr Hunde?"),
    ),
    "fr": (
        ("number", "Puis-je r\u00e9server 3 chambres ?", "Puis-je r\u00e9server trois chambres ?", "Puis-je r\u00e9server 4 chambres ?"),
        ("negation", "Pourquoi l'application d\u00e9marre ?", "pourquoi l'application d\u00e9marre", "Pourquoi l'application ne d\u00e9marre pas ?"),
        ("on and off", "Comment activer l'itin\u00e9rance ?", "Comment puis-je activer l'itin\u00e9rance ?", "Comment d\u00e9sactiver l'itin\u00e9rance ?"),
        ("opposite", "Comment ouvrir un compte ?", "Comment puis-je ouvrir un compte ?", "Comment fermer un compte ?"),
        ("before", "Puis-je payer avant la livraison ?", "Est-il possible de payer avant la livraison ?", "Puis-je payer apr\u00e8s la livraison ?"),
        ("direction", "Y a-t-il un bus de Lyon \u00e0 Lille ?", "Y a-t-il un bus \u00e0 Lille de Lyon ?", "Y a-t-il un bus de Lille \u00e0 Lyon ?"),
        ("amount", "Toutes les chambres ont-elles le wifi ?", "Chaque chambre a-t-elle le wifi ?", "Quelques chambres ont-elles le wifi ?"),
        ("question", "Quand commence le cours ?", "Quand d\u00e9bute le cours ?", "O\u00f9 commence le cours ?"),
        ("date", "\u00cates-vous ouverts le 3 mai ?", "\u00eates-vous ouverts le 3 mai", "\u00cates-vous ouverts le 4 mai ?"),
        ("replaced", "Combien co\u00fbte un billet pour adultes ?", "Quel est le prix d'un billet pour adultes ?", "Combien co\u00fbte un billet pour chiens ?"),
    ),
    "es": (
        ("number", "\u00bfPuedo reservar 3 habitaciones?", "\u00bfPuedo reservar tres habitaciones?", "\u00bfPuedo reservar 4 habitaciones?"),
        ("negation", "\u00bfPor qu\u00e9 arranca la aplicaci\u00f3n?", "por qu\u00e9 arranca la aplicaci\u00f3n", "\u00bfPor qu\u00e9 no arranca la aplicaci\u00f3n?"),
        ("on and off", "\u00bfC\u00f3mo activo la itinerancia?", "\u00bfC\u00f3mo puedo activar la itinerancia?", "\u00bfC\u00f3mo desactivo la itinerancia?"),
        ("opposite", "\u00bfC\u00f3mo abro una cuenta?", "\u00bfC\u00f3mo puedo abrir una cuenta?", "\u00bfC\u00f3mo cierro una cuenta?"),
        ("before", "\u00bfPuedo pagar antes de la entrega?", "\u00bfEs posible pagar antes de la entrega?", "\u00bfPuedo pagar despu\u00e9s de la entrega?"),
        ("direction", "\u00bfHay un bus de Lima a Cusco?", "\u00bfHay un bus a Cusco de Lima?", "\u00bfHay un bus de Cusco a Lima?"),
        ("amount", "\u00bfTodas las habitaciones tienen wifi?", "\u00bfCada habitaci\u00f3n tiene wifi?", "\u00bfAlgunas habitaciones tienen wifi?"),
        ("question", "\u00bfCu\u00e1ndo empieza el curso?", "\u00bfCu\u00e1ndo comienza el curso?", "\u00bfD\u00f3nde empieza el curso?"),
        ("date", "\u00bfAbren el 3 de mayo?", "abren el 3 de mayo", "\u00bfAbren el 4 de mayo?"),
        ("replaced", "\u00bfCu\u00e1nto cuesta un billete para adultos?", "\u00bfQu\u00e9 precio tiene un billete para adultos?", "\u00bfCu\u00e1nto cuesta un billete para perros?"),
    ),
    "it": (
        ("number", "Posso prenotare 3 camere?", "Posso prenotare tre camere?", "Posso prenotare 4 camere?"),
        ("negation", "Perch\u00e9 si avvia l'applicazione?", "perch\u00e9 si avvia l'applicazione", "Perch\u00e9 non si avvia l'applicazione?"),
        ("on and off", "Come attivo il roaming?", "Come posso attivare il roaming?", "Come disattivo il roaming?"),
        ("opposite", "Come apro un conto?", "Come posso aprire un conto?", "Come chiudo un conto?"),
        ("before", "Posso pagare prima della consegna?", "\u00c8 possibile pagare prima della consegna?", "Posso pagare dopo la consegna?"),
        ("direction", "C'\u00e8 un autobus da Siena a Lucca?", "c'\u00e8 un autobus a Lucca da Siena", "C'\u00e8 un autobus da Lucca a Siena?"),
        ("amount", "Tutte le camere hanno il wifi?", "Ogni camera ha il wifi?", "Alcune camere hanno il wifi?"),
        ("question", "Quando inizia il corso?", "Quando comincia il corso?", "Dove inizia il corso?"),
        ("date", "Siete aperti il 3 maggio?", "siete aperti il 3 maggio", "Siete aperti il 4 maggio?"),
        ("replaced", "Quanto costa un biglietto per adulti?", "Qual \u00e8 il prezzo di un biglietto per adulti?", "Quanto costa un biglietto per cani?"),
    ),
    "pt": (
        ("number", "Posso reservar 3 quartos?", "Posso reservar tr\u00eas quartos?", "Posso reservar 4 quartos?"),
        ("negation", "Por que o aplicativo abre?", "por que o aplicativo abre", "Por que o aplicativo n\u00e3o abre?"),
        ("on and off", "Como ativo o roaming?", "Como posso ativar o roaming?", "Como desativo o roaming?"),
        ("opposite", "Como abro uma conta?", "Como posso abrir uma conta?", "Como fecho uma conta?"),
        ("before", "Posso pagar antes da entrega?", "\u00c9 poss\u00edvel pagar antes da entrega?", "Posso pagar depois da entrega?"),
        ("direction", "H\u00e1 um \u00f4nibus de Braga para Faro?", "h\u00e1 um \u00f4nibus para Faro de Braga", "H\u00e1 um \u00f4nibus de Faro para Braga?"),
        ("amount", "Todos os quartos t\u00eam wifi?", "Cada quarto tem wifi?", "Alguns quartos t\u00eam wifi?"),
        ("question", "Quando come\u00e7a o curso?", "Quando inicia o curso?", "Onde come\u00e7a o curso?"),
        ("date", "Abrem no dia 3 de maio?", "abrem no dia 3 de maio", "Abrem no dia 4 de maio?"),
        ("replaced", "Quanto custa um bilhete para adultos?", "Qual \u00e9 o pre\u00e7o de um bilhete para adultos?", "Quanto custa um bilhete para c\u00e3es?"),
    ),
    "nl": (
        ("number", "Kan ik 3 kamers boeken?", "Kan ik drie kamers boeken?", "Kan ik 4 kamers boeken?"),
        ("negation", "Waarom start de app?", "waarom start de app", "Waarom start de app niet?"),
        ("on and off", "Hoe zet ik roaming aan?", "Hoe kan ik roaming aanzetten?", "Hoe zet ik roaming uit?"),
        ("opposite", "Hoe open ik een rekening?", "Hoe kan ik een rekening openen?", "Hoe sluit ik een rekening?"),
        ("before", "Kan ik voor de levering betalen?", "Is het mogelijk om voor de levering te betalen?", "Kan ik na de levering betalen?"),
        ("direction", "Rijdt er een bus van Gent naar Brugge?", "rijdt er een bus naar Brugge van Gent", "Rijdt er een bus van Brugge naar Gent?"),
        ("amount", "Hebben alle kamers wifi?", "Heeft elke kamer wifi?", "Hebben sommige kamers wifi?"),
        ("question", "Wanneer begint de cursus?", "Wanneer start de cursus?", "Waar begint de cursus?"),
        ("date", "Zijn jullie op 3 mei open?", "zijn jullie op 3 mei open", "Zijn jullie op 4 mei open?"),
        ("replaced", "Wat kost een kaartje voor volwassenen?", "Hoe duur is een kaartje voor volwassenen?", "Wat kost een kaartje voor honden?"),
    ),
    "pl": (
        ("number", "Czy mog\u0119 zarezerwowa\u0107 3 pokoje?", "Czy mog\u0119 zarezerwowa\u0107 trzy pokoje?", "Czy mog\u0119 zarezerwowa\u0107 4 pokoje?"),
        ("negation", "Dlaczego aplikacja si\u0119 uruchamia?", "dlaczego aplikacja si\u0119 uruchamia", "Dlaczego aplikacja si\u0119 nie uruchamia?"),
        ("on and off", "Jak w\u0142\u0105czy\u0107 roaming?", "Jak mog\u0119 w\u0142\u0105czy\u0107 roaming?", "Jak wy\u0142\u0105czy\u0107 roaming?"),
        ("opposite", "Jak otworzy\u0107 konto?", "Jak mog\u0119 otworzy\u0107 konto?", "Jak zamkn\u0105\u0107 konto?"),
        ("before", "Czy mog\u0119 zap\u0142aci\u0107 przed dostaw\u0105?", "Czy mo\u017cna zap\u0142aci\u0107 przed dostaw\u0105?", "Czy mog\u0119 zap\u0142aci\u0107 po dostawie?"),
        ("direction", "Czy jest autobus z Krakowa do Lublina?", "czy jest autobus do Lublina z Krakowa", "Czy jest autobus z Lublina do Krakowa?"),
        ("amount", "Czy wszystkie pokoje maj\u0105 wifi?", "Czy ka\u017cdy pok\u00f3j ma wifi?", "Czy niekt\u00f3re pokoje maj\u0105 wifi?"),
        ("question", "Kiedy zaczyna si\u0119 kurs?", "Kiedy rozpoczyna si\u0119 kurs?", "Gdzie zaczyna si\u0119 kurs?"),
        ("date", "Czy jeste\u015bcie otwarci 3 maja?", "czy jeste\u015bcie otwarci 3 maja", "Czy jeste\u015bcie otwarci 4 maja?"),
        ("replaced", "Ile kosztuje bilet dla doros\u0142ych?", "Jaka jest cena biletu dla doros\u0142ych?", "Ile kosztuje bilet dla ps\u00f3w?"),
    ),
}  # fmt: skip

ELSEWHERE: Final[tuple[Row, ...]] = (
    ("number", "Kan jag boka 3 rum?", "kan jag boka 3 rum", "Kan jag boka 4 rum?"),
    ("negation", "Varf\u00f6r startar appen?", "varf\u00f6r startar appen", "Varf\u00f6r startar inte appen?"),
    ("replaced", "Hur \u00f6ppnar jag ett konto?", "hur \u00f6ppnar jag ett konto?", "Hur st\u00e4nger jag ett konto?"),
    ("number", "3 oda ay\u0131rtabilir miyim?", "3 oda ay\u0131rtabilir miyim", "4 oda ay\u0131rtabilir miyim?"),
    ("replaced", "Hesab\u0131m\u0131 nas\u0131l a\u00e7ar\u0131m?", "hesab\u0131m\u0131 nas\u0131l a\u00e7ar\u0131m", "Hesab\u0131m\u0131 nas\u0131l kapat\u0131r\u0131m?"),
    ("number", "\u041c\u043e\u0436\u043d\u043e \u0437\u0430\u0431\u0440\u043e\u043d\u0438\u0440\u043e\u0432\u0430\u0442\u044c 3 \u043d\u043e\u043c\u0435\u0440\u0430?", "\u043c\u043e\u0436\u043d\u043e \u0437\u0430\u0431\u0440\u043e\u043d\u0438\u0440\u043e\u0432\u0430\u0442\u044c 3 \u043d\u043e\u043c\u0435\u0440\u0430", "\u041c\u043e\u0436\u043d\u043e \u0437\u0430\u0431\u0440\u043e\u043d\u0438\u0440\u043e\u0432\u0430\u0442\u044c 4 \u043d\u043e\u043c\u0435\u0440\u0430?"),
    ("on and off", "\u041a\u0430\u043a \u0432\u043a\u043b\u044e\u0447\u0438\u0442\u044c \u0440\u043e\u0443\u043c\u0438\u043d\u0433?", "\u043a\u0430\u043a \u0432\u043a\u043b\u044e\u0447\u0438\u0442\u044c \u0440\u043e\u0443\u043c\u0438\u043d\u0433", "\u041a\u0430\u043a \u0432\u044b\u043a\u043b\u044e\u0447\u0438\u0442\u044c \u0440\u043e\u0443\u043c\u0438\u043d\u0433?"),
    ("number", "3\u3064\u306e\u90e8\u5c4b\u3092\u4e88\u7d04\u3067\u304d\u307e\u3059\u304b\uff1f", "3\u3064\u306e\u90e8\u5c4b\u3092\u4e88\u7d04\u3067\u304d\u307e\u3059\u304b", "4\u3064\u306e\u90e8\u5c4b\u3092\u4e88\u7d04\u3067\u304d\u307e\u3059\u304b\uff1f"),
    ("on and off", "\u5982\u4f55\u6253\u5f00\u6f2b\u6e38\uff1f", "\u5982\u4f55\u6253\u5f00\u6f2b\u6e38", "\u5982\u4f55\u5173\u95ed\u6f2b\u6e38\uff1f"),
    ("word", "\u0932\u0921\u093c\u0915\u093e \u0915\u094c\u0928 \u0939\u0948?", "\u0932\u0921\u093c\u0915\u093e \u0915\u094c\u0928 \u0939\u0948", "\u0932\u0921\u093c\u0915\u0940 \u0915\u094c\u0928 \u0939\u0948?"),
    ("negation", "\u0915\u094d\u092f\u093e \u092e\u0948\u0902 \u092a\u093e\u0928\u0940 \u092a\u0940 \u0938\u0915\u0924\u093e \u0939\u0942\u0901?", "\u0915\u094d\u092f\u093e \u092e\u0948\u0902 \u092a\u093e\u0928\u0940 \u092a\u0940 \u0938\u0915\u0924\u093e \u0939\u0942\u0901", "\u0915\u094d\u092f\u093e \u092e\u0948\u0902 \u092a\u093e\u0928\u0940 \u0928\u0939\u0940\u0902 \u092a\u0940 \u0938\u0915\u0924\u093e \u0939\u0942\u0901?"),
    ("negation", "\u0e09\u0e31\u0e19\u0e01\u0e34\u0e19\u0e02\u0e49\u0e32\u0e27\u0e44\u0e14\u0e49\u0e44\u0e2b\u0e21", "\u0e09\u0e31\u0e19\u0e01\u0e34\u0e19\u0e02\u0e49\u0e32\u0e27\u0e44\u0e14\u0e49\u0e44\u0e2b\u0e21?", "\u0e09\u0e31\u0e19\u0e01\u0e34\u0e19\u0e02\u0e49\u0e32\u0e27\u0e44\u0e21\u0e48\u0e44\u0e14\u0e49\u0e44\u0e2b\u0e21"),
    ("negation", "\u306a\u305c\u30a2\u30d7\u30ea\u304c\u8d77\u52d5\u3059\u308b\uff1f", "\u306a\u305c\u30a2\u30d7\u30ea\u304c\u8d77\u52d5\u3059\u308b", "\u306a\u305c\u30a2\u30d7\u30ea\u304c\u8d77\u52d5\u3057\u306a\u3044\uff1f"),
    ("with", "\u7802\u7cd6\u3042\u308a\u306e\u304a\u8336\u306f\u3069\u3053\u3067\u3059\u304b\uff1f", "\u7802\u7cd6\u3042\u308a\u306e\u304a\u8336\u306f\u3069\u3053\u3067\u3059\u304b", "\u7802\u7cd6\u306a\u3057\u306e\u304a\u8336\u306f\u3069\u3053\u3067\u3059\u304b\uff1f"),
)  # fmt: skip
"""Swedish, Turkish, Russian, Japanese, Chinese, Hindi and Thai, which have no tables."""


def accepted(chain: Chain, rows: tuple[Row, ...]) -> tuple[list[Row], list[Row]]:
    """The rows whose other wording was missed, and those whose near miss was accepted."""
    missed, wrong = [], []
    for row in rows:
        _, text, same, different = row
        if not chain.judge(read(same), read(text), NEAR).accepted:
            missed.append(row)
        if chain.judge(read(different), read(text), NEAR).accepted:
            wrong.append(row)
    return missed, wrong
