"""Who does what to whom: the same words in another order, from here to there."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Final

from ..asked_for import HELD
from ..dates import dates_of
from ..lexicon import Question, listed
from ..pair import Pair
from ..reading import ACTORS, CONTENT, Reading, Word
from .base import Refusal
from .places import another_way

_MOST: Final = 60
_WORDS: Final = 2
_RUN: Final = 4
_TOLD: Final = 6
_MANY: Final = 16
_BY: Final = frozenset(listed("by von par por da door przez"))
"""What stands before who does it, in a passive."""
_WITHIN: Final = frozenset(listed("in im dans en nel nella no na w"))
"""What is included in a plan, the plan includes."""
_OUT_OF: Final = frozenset(listed("depuis desde aus vanuit"))
_INSIDE: Final = frozenset(listed("in en within inside im innerhalb"))
_NOT_OBJECTS: Final = frozenset(listed("to from with without by for on in at"))
"""Before what is no object of the verb."""
_ARTICLES: Final = frozenset(
    listed(
        "a an the der die das ein eine le la les un une el los las una il lo i gli o os de het een"
    )
)
_AFFECTING: Final = frozenset({"affect", "effect", "impact", "influenc"})
_IS: Final = frozenset({"is", "are"})
_THIS: Final = frozenset({"this", "it", "that", "these", "those"})
_HAVE: Final = frozenset({"have", "has", "had"})
_NOMINAL: Final = ("ing", "ment", "ation", "al")
"""How English makes a noun of what is done."""
_PERFECT: Final = frozenset(listed("ai avons ho abbiamo he hemos habe haben heb hebben"))
"""What makes a past of the word behind it, where endings do not show it."""
_OWNED: Final = frozenset(listed("der des von vom meiner meines van"))
"""Before what something is done to, where a noun says what."""
_COUNTING: Final = frozenset(listed("many viele"))
"""Of what there are how many is asked: "how many states has a country" is not the reverse."""
_ACTING: Final = frozenset({Question.WHO, Question.WHAT})
"""Who or what stands for somebody that acts, or for what is acted upon."""


def direction(pair: Pair) -> Refusal | None:
    """What comes from somewhere in one text does not go there in the other."""
    asked, stored = _ways(pair.asked), _ways(pair.stored)
    for stem, way in asked.items():
        other = stored.get(stem)
        if other is not None and other != way:
            return Refusal("direction", f"{way} against {other}: {stem}")
    return _relations(pair)


def _relations(pair: Pair) -> Refusal | None:
    """A word has one preposition in both texts, or such as say the same: before is not during."""
    table = pair.asked.lexicon.relation_of
    for here, there in pair.both_ways:
        outside = {word.stem for word in here.words if word.lead in _OUT_OF and not word.fact}
        for word in there.words if outside else ():
            if word.stem in outside and word.lead in _INSIDE:
                return Refusal("direction", f"from against in: {word.form}")
    place = another_way(pair)
    if place:
        return Refusal("direction", f"another way: {place}")
    swapped = _swapped(pair)
    if swapped:
        return Refusal("direction", f"swapped: {swapped}")
    leads = {word.stem: word.lead for word in pair.stored.words if word.lead in table}
    for word in pair.asked.words if leads else ():
        other = leads.get(word.stem)
        if other is None or word.lead not in table or word.lead == other:
            continue
        if not set(table[word.lead]) & set(table[other]):
            return Refusal("direction", f"{word.lead} against {other}: {word.form}")
    return None


def _swapped(pair: Pair) -> str:
    """What stands behind a preposition in one text only, where the other puts one of its words."""
    table = pair.asked.lexicon.relation_of
    behind = [
        {
            word.stem: table[word.lead]
            for word in reading.words
            if word.lead in table and not word.fact
        }
        for reading in (pair.asked, pair.stored)
    ]
    if not all(behind):
        return ""
    stems = [{word.stem for word in reading.words} for reading in (pair.asked, pair.stored)]
    both = stems[0] & stems[1]
    asked, stored = ({stem: at for stem, at in part.items() if stem in both} for part in behind)
    for one, relation in asked.items():
        for other, place in stored.items():
            if place == relation and one not in stored and other not in asked:
                return f"{one}, {other}"
    return ""


def _ways(reading: Reading) -> dict[str, str]:
    ways = reading.lexicon.way_of
    return {word.stem: ways[word.lead] for word in reading.words if word.lead in ways}


def order(pair: Pair) -> Refusal | None:
    """Words that both texts have stand in the same order, but for what may move freely.

    A phrase that opens with the same preposition may stand elsewhere ("in 1990 he went ..."), and
    what "and" or "or" joins may change places. Anything else may have changed its role.
    """
    exchanged = _exchanged(pair) or _dates(pair)
    if exchanged:
        return Refusal("order", f"exchanged: {exchanged}")
    asked = _active(_told_once(pair.asked.words), pair.asked)
    stored = _active(_told_once(pair.stored.words), pair.stored)
    places = {word.stem: at for at, word in enumerate(asked)}
    shared = [word for word in stored if word.stem in places]
    if len(shared) < 2 or len(shared) > _MOST:
        return None
    found = [places[word.stem] for word in shared]
    if all(a < b for a, b in pairwise(found)):
        return None
    if _is_headline(pair.asked, pair.stored) or _is_headline(pair.stored, pair.asked):
        return None
    if any(_is_attribute(one, other) for one, other in pair.both_ways):
        return None
    passive = asked != _told_once(pair.asked.words) or stored != _told_once(pair.stored.words)
    if not passive and any(
        (_is_action(word.stem, pair) or _has_an_effect(word.stem, pair))
        and _rises(shared, word, places)
        for word in shared
    ):
        return None  # one verb moved; whom and what it is done to did not
    differences = pair.differences
    apart = len(differences.asked_content) + len(differences.stored_content)
    if apart > max(1, len(shared) // 3):
        return None  # two different sentences; their order says nothing
    here = [asked[place] for place in sorted(found)]
    start, end = _changed(here, shared)
    inside, outside = here[start:end], shared[start:end]
    if _is_compound(inside, outside) or _is_compound(outside, inside):
        return None
    if pair.asked.lexicon.verbs_last and (
        _is_deed_of(inside, outside) or _is_deed_of(outside, inside)
    ):
        return None
    if _is_list(here, shared, pair):
        return None
    for cut in range(1, end - start) if not passive else ():
        if _stems(inside[cut:] + inside[:cut]) == _stems(outside):
            blocks = ((inside[:cut], start), (inside[cut:], start + cut))
            if any(_moves_freely(block, at, here, shared, pair) for block, at in blocks):
                return None
            break
    if pair.in_another_frame and not _turned_round(here, shared, pair):
        return None  # "a guitar for beginners", "which beginner guitar should I get"
    return Refusal("order", "moved: " + " ".join(word.form for word in outside[:_TOLD]))


def _exchanged(pair: Pair) -> str:
    """Two words that changed places in an otherwise equal text: "a book of maps", "a maps of book".

    Neighbours may ("a card lost"), and so may what "and" or "or" joins.
    """
    asked, stored = pair.asked.forms, pair.stored.forms
    if len(asked) != len(stored):
        return ""
    apart = [at for at, (one, other) in enumerate(zip(asked, stored, strict=True)) if one != other]
    if len(apart) != 2:
        return ""
    first, last = apart
    if (asked[first], asked[last]) != (stored[last], stored[first]) or last - first == 1:
        return ""
    lexicon = pair.asked.lexicon
    between = {form for form in asked[first + 1 : last] if form not in _ARTICLES}
    if between and between <= lexicon.linking:
        return ""
    if {asked[first], asked[last]} <= lexicon.empty_words:
        return ""
    return f"{asked[first]}, {asked[last]}"


def _has_an_effect(stem: str, pair: Pair) -> bool:
    """What effect it has on something, is how it affects that."""
    if stem not in _AFFECTING:
        return False
    return any(
        not _HAVE.isdisjoint(reading.forms) and "on" in reading.forms
        for reading in (pair.asked, pair.stored)
    )


def _active(words: list[Word], reading: Reading) -> list[Word]:
    """A passive's words in the order of its active: "was A sued by B", "did B sue A"."""
    lexicon = reading.lexicon
    if reading.questions[:1] == (Question.WHO,) and reading.forms[-1] in _BY:
        # "Who was A invented by": whoever it was, invented A.
        return [*words[-1:], *words[:-1]] if lexicon.participle(words[-1].form) else words
    for done, agent in pairwise(words):
        within = agent.lead in _WITHIN and done.form.startswith(HELD)
        by = agent.lead in _BY and not agent.fact and lexicon.participle(done.form)
        if within or by:
            at = words.index(agent)
            end = next((n for n in range(at + 1, len(words)) if words[n].lead), len(words))
            whole = words[at:end]  # "in the basic plan"
            return [*whole, done, *(word for word in words if word not in (*whole, done))]
    return words


def _is_headline(short: Reading, other: Reading) -> bool:
    """Nouns alone that say what is done to what: "password reset", "how do I reset my password"."""
    size = len(short.words)
    if size < 2 or len(short.forms) != size or len(other.words) != size:
        return False
    *what, deed = short.words
    done, *to = other.words
    return (
        done.stem == deed.stem
        and _stems(to) == _stems(what)
        and done.lead in ACTORS
        and all(word.lead not in other.lexicon.phrase_openers for word in to)
    )


def _is_attribute(one: Reading, other: Reading) -> bool:
    """Is the course online, is this an online course."""
    if len(one.forms) != 4 or len(one.words) != 2 or len(other.words) != 2:
        return False
    be, which, article, *_ = (*other.forms, "", "", "")
    return (
        one.forms[0] == be
        and be in _IS
        and which in _THIS
        and (article in _ARTICLES or article == other.words[0].form)
        and other.forms[-2:] == (other.words[0].form, other.words[1].form)
        and one.forms[2:] == (other.words[1].form, other.words[0].form)
    )


def _is_compound(deed: list[Word], compound: list[Word]) -> bool:
    """What is done to what, and one noun of both: "port my number", "number porting"."""
    if len(deed) != 2 or len(compound) != 2:
        return False
    done, to = deed
    what, doing = compound
    return (
        (done.stem, to.stem) == (doing.stem, what.stem)
        and done.lead in ACTORS
        and what.lead not in ACTORS
        and not doing.lead
        and doing.form.endswith(_NOMINAL)
        and not (to.name or what.name)
        and to.lead not in _NOT_OBJECTS
    )


def _is_deed_of(done: list[Word], deed: list[Word]) -> bool:
    """A verb behind its object, and the noun of what is done to it: "die Schuhe umtauschen", "ein
    Umtausch der Schuhe"."""
    if len(done) != 2 or len(deed) != 2:
        return False
    what, verb = done
    noun, of = deed
    return (what.stem, verb.stem) == (of.stem, noun.stem) and of.lead in _OWNED and not verb.lead


def _rises(shared: list[Word], but: Word, places: dict[str, int]) -> bool:
    """Whether all words but one have the same order in both texts."""
    found = [places[word.stem] for word in shared if word is not but]
    return all(a < b for a, b in pairwise(found))


def _is_action(stem: str, pair: Pair) -> bool:
    """Whether a word is what somebody does in one text, and does or undergoes in the other."""
    leads: list[str] = []
    for reading in (pair.asked, pair.stored):
        word = next(word for word in reading.words if word.stem == stem)
        if word.fact or word.name:
            return False
        leads.append(word.lead)
    acting = [lead in ACTORS for lead in leads]
    passive = pair.asked.lexicon.passive
    return any(acting) and all(
        acts or lead in passive for acts, lead in zip(acting, leads, strict=True)
    )


def _stems(words: list[Word]) -> list[str]:
    return [word.stem for word in words]


def _changed(here: list[Word], there: list[Word]) -> tuple[int, int]:
    """The shortest stretch outside of which both have the same order."""
    start, end = 0, len(here)
    while here[start].stem == there[start].stem:
        start += 1
    while here[end - 1].stem == there[end - 1].stem:
        end -= 1
    return start, end


def _turned_round(here: list[Word], there: list[Word], pair: Pair) -> bool:
    """Whether two words changed sides around a third ("A sues B", "it is B that sues A"), or places
    behind one preposition ("A to B", "B to A"). A verb alone may: "restart a pod", "a pod restarts"."""
    if len(there) > _MANY:
        return True
    places = {word.stem: at for at, word in enumerate(here)}
    for one, between, other in combinations(there, 3):
        if places[one.stem] > places[between.stem] > places[other.stem] and not any(
            _is_action(word.stem, pair) for word in (one, other)
        ):
            return True
    openers = pair.asked.lexicon.phrase_openers
    behind, again = ({w.stem: w.lead for w in ws if w.lead in openers} for ws in (here, there))
    return any(
        lead == other and one not in again and two not in behind
        for one, lead in behind.items()
        for two, other in again.items()
    )


def _told_once(words: tuple[Word, ...]) -> list[Word]:
    """Each word of content once, without a date: it is written in many orders, and means one day."""
    dated = {at for date in dates_of(words) for at in range(date.start, date.end)}
    seen: set[str] = set()
    once: list[Word] = []
    for at, word in enumerate(words):
        if at not in dated and word.weight >= CONTENT and word.stem not in seen:
            seen.add(word.stem)
            once.append(word)
    return once


def _dates(pair: Pair) -> str:
    """Two dates or more that exchanged days or years; of one, the numbers say as much."""
    asked, stored = (
        sorted(date.told for date in dates_of(reading.words))
        for reading in (pair.asked, pair.stored)
    )
    if len(asked) < _WORDS or asked == stored:
        return ""
    return " ".join(asked[0]).strip()


def _moves_freely(
    block: list[Word], at: int, here: list[Word], there: list[Word], pair: Pair
) -> bool:
    """Whether one run of words moved in a way that changes no role."""
    if len(block) > _RUN:
        return False
    lexicon = pair.stored.lexicon
    leads = {word.stem: word.lead for word in there}
    first = block[0]
    lead, other = first.lead, leads[first.stem]
    openers = lexicon.phrase_openers
    if lead == other:
        # "está incluido el desayuno", "el desayuno está incluido".
        undergone = lead in lexicon.passive and lexicon.participle(first.form)
        return lead in openers or (undergone and len(block) == 1 and len(there) == _WORDS)
    # "how safe is it", "is it safe"; but not "what causes it", "what does it cause".
    asking = ({lead, other} & lexicon.asking) - _COUNTING
    if len(block) == 1 and asking:
        passive = not lexicon.passive.isdisjoint((lead, other))  # "it was painted by whom"
        return passive or all(lexicon.questions.get(word) not in _ACTING for word in asking)
    # "a card lost", "a lost card"; "get it changed", "change it".
    if len(block) == 1 and not first.name:
        done = next(word for word in there if word.stem == first.stem).form
        if lexicon.participle(first.form) or lexicon.participle(done) or _PERFECT & {lead, other}:
            return True
    # "my knowledge of English", "my English knowledge": nothing else may change its preposition.
    if (lead in openers) != (other in openers) and not {lead, other} & set(lexicon.way_of):
        run = set(_stems(block))
        return all(
            {word.lead, leads[word.stem]} <= ACTORS
            or _opener(word.lead, openers) == _opener(leads[word.stem], openers)
            for word in here
            if word.stem not in run
        )
    # "how can you improve it", "how can it be improved": the verb stands first, or last.
    if len(block) == 1 and (lead in lexicon.passive or other in lexicon.passive):
        return {at, _stems(there).index(first.stem)} == {0, len(there) - 1}
    return False


def _opener(lead: str, openers: frozenset[str]) -> str:
    return lead if lead in openers else ""


def _is_list(here: list[Word], there: list[Word], pair: Pair) -> bool:
    """Whether neighbours changed places around "and", "or" or "vs" in both texts."""
    at = 0
    while at < len(there):
        if here[at].stem == there[at].stem:
            at += 1
        elif (
            at + 1 < len(there)
            and here[at].stem == there[at + 1].stem
            and here[at + 1].stem == there[at].stem
            and _linked(pair.asked, here[at].stem, here[at + 1].stem)
            and _linked(pair.stored, there[at].stem, there[at + 1].stem)
        ):
            at += 2
        else:
            return False
    return True


def _linked(reading: Reading, one: str, other: str) -> bool:
    """Whether a linking word stands between two words."""
    linking = reading.lexicon.linking
    open_ = False
    for word in reading.words:
        if open_ and word.lead in linking:
            return True
        if word.stem == one:
            open_ = True
        elif open_ and word.stem == other:
            return False
    return False
