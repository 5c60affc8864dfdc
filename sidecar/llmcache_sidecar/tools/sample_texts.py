"""Texts that exported models are compared on: everyday questions of several lengths and languages."""

from __future__ import annotations

from typing import Final

SAMPLE_TEXTS: Final = (
    "How do I reset my password?",
    "I forgot my password, what can I do?",
    "How do I delete my account?",
    "Where can I see my invoices?",
    "What are your opening hours on Saturday?",
    "When do you open at the weekend?",
    "Can I cancel my order after it has been shipped?",
    "How long does delivery to Norway take?",
    "How long does delivery from Norway take?",
    "Is the hotel near the station?",
    "Turn the notifications on.",
    "Turn the notifications off.",
    "What is the capital of Australia?",
    "Who wrote the novel about the white whale?",
    "Explain the difference between a process and a thread.",
    "What does HTTP status 429 mean?",
    "How much is 15 percent of 240?",
    "Is it safe to take ibuprofen together with paracetamol?",
    "Translate 'good evening' into Italian.",
    "Thanks!",
    "Summarise in one sentence: the committee met on Tuesday, heard three reports on the state of the "
    "bridge, and decided to close it for heavy traffic until the steel has been examined.",
    "Our printer on the second floor prints only blank pages since this morning. We have changed the "
    "cartridge, restarted the device and installed the driver again, and a test page from the "
    "printer's own menu looks fine. What should we check next, and can we keep working meanwhile?",
    "A customer bought two lamps and a table, returns one of the lamps within thirty days, and paid "
    "with a voucher that covered half of the sum. Which amount do we pay back, to which account, and "
    "what do we do with the rest of the voucher?",
    "Wie setze ich mein Passwort zurück?",
    "Wann habt ihr am Wochenende geöffnet?",
    "Comment puis-je réinitialiser mon mot de passe ?",
    "Quels sont vos horaires d'ouverture le samedi ?",
    "¿Cómo puedo restablecer mi contraseña?",
    "¿Cuánto tarda el envío a Noruega?",
    "Как сбросить пароль?",
    "パスワードをリセットするにはどうすればいいですか？",  # noqa: RUF001
    "如何重置我的密码？",  # noqa: RUF001
)
