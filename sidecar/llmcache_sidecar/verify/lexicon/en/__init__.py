"""English: what its small words do here, its words by subject beside it. Data alone may enter."""

from __future__ import annotations

from typing import Final

from ..grammar import Deeds, Doers, Places, words
from ..lookalikes import LOOKALIKES
from ..table import Lexicon, Question, listed
from .apart import APART
from .kinds import CLASSES, UNITS
from .opposites import OPPOSITES
from .phrases import PHRASES
from .senses import SENSES
from .stemming import participle, stem
from .synonyms import AKIN, SYNONYMS

__all__ = ["LEXICON"]


LEXICON: Final = Lexicon(
    code="en",
    places=Places(
        to=words("to into"),
        inside=words("in within inside"),
        away=words("from"),
        means=words("with using"),
    ),
    deeds=Deeds(
        askers=words("i we"),
        have=words("have ve had just"),
        be=words("is was are were been being be got get getting"),
    ),
    doers=Doers(done=frozenset({"", *words("e ed es s ing")}), plural="s"),
    belonging="of",
    split_off="in out off up over back away down through",
    governed=("to",),
    or_not="not",
    lookalikes=LOOKALIKES["en"],
    stem=stem,
    participle=participle,
    function=(
        "a an the this that these those there here it its it's i me my mine we us our ours "
        "you your "
        "yours he him his she her hers they them their theirs one one's oneself myself yourself "
        "himself themselves itself s t m re ve ll d be been being im ive id youre whats hows "
        "wheres "
        "do does did done doing have has had having would could should might may must can "
        "as if so such very too also just even still already ought really actually ever yet else own "
        "then though although because since while "
        "any some many much more most each every all both either neither no not only "
        "hi hello hey dear thanks thank ok okay please kindly u ur pls plz lets let's "
        "cannot cant can't dont don't doesnt doesn't didnt didn't isnt isn't arent aren't wasnt "
        "wasn't werent weren't wont won't wouldnt wouldn't shouldnt shouldn't couldnt couldn't "
        "havent haven't hasnt hasn't hadnt hadn't mustnt mustn't neednt needn't aint ain't unable never"
    ),
    soft=(
        "way ways method methods process step steps thing things stuff like want wanted need needs "
        "know tell explain give show help describe say get make go going possible able best good "
        "better great idea ideas tip tips advice advise suggest suggestion suggestions recommend "
        "recommendation think thought guess people person someone somebody anyone anybody "
        "everyone something anything mean means meaning meant example examples kind kinds type "
        "types sort sorts reason reasons difference different work works use used using happen "
        "happens exactly currently usually normally generally really simple simply easy easily "
        "quick quickly properly correctly right okay procedure instruction instructions guide "
        "question questions answer answers info information detail details wonder wondering "
        "curious looking trying try start started take takes took able allowed "
        "actual basically main major common real true certain particular various several lot lots "
        "time times place places day days year years world life part ask asking find "
        "see look looks come comes put set keep let feel new next perhaps maybe believe seem seems "
        "again figure suppose supposed consider expect hello manage managed around whole really "
        "greatest top biggest essential recommended required proper usual approach best-known "
        "wanna gonna intend instruct assistance assist inquire inquiring inform quickest asap "
        "possibility define differ differs now offer offers provide provides available afraid "
        "ought imperative "
        "immediately urgently urgent somehow wish hope hoping appear appears simplest easiest "
        "effectively efficiently successfully convert completely totally literally honestly "
        "specific precise calculate compute definitely nowadays please"
    ),
    negations=(
        "not no never none nobody nothing nowhere neither nor cannot cant can't dont don't doesnt "
        "doesn't didnt didn't isnt isn't arent aren't wasnt wasn't werent weren't wont won't "
        "wouldnt wouldn't shouldnt shouldn't couldnt couldn't havent haven't hasnt hasn't hadnt "
        "hadn't mustnt mustn't neednt needn't aint ain't without unable refuse refuses refused "
        "refusing fail fails failed failing hardly barely rarely lack lacks lacking"
    ),
    opposites=OPPOSITES,
    synonyms=SYNONYMS,
    akin=AKIN,
    phrases=PHRASES,
    senses=SENSES,
    undergoing="be is are was were been being get gets",
    apart=APART,
    acts=(
        "get find",
        "get go come",
        "use using used",
        "keep",
        "start try",
        "put set",
        "set make",
        "take",
        "see look",
        "feel",
        "work works",
        "day days",
        "time times",
        "year years",
        "place places part",
        "life",
        "world",
        "new next",
    ),
    classes=CLASSES,
    distributives="each every",
    quantifiers=(
        "all every each always everyone everybody everything everywhere",
        "some several sometimes someone somebody something somewhere partly",
        "no none nobody nothing never nowhere neither zero",
        "only solely exclusively merely",
        "mostly majority",
        "few rarely seldom hardly",
        "both",
    ),
    numbers=dict(
        zip(
            listed(
                "zero two three four five six seven eight nine ten eleven twelve thirteen "
                "fourteen fifteen sixteen seventeen eighteen nineteen"
            ),
            (0, *range(2, 20)),
            strict=True,
        )
    )
    | dict(
        zip(
            listed("twenty thirty forty fifty sixty seventy eighty ninety"),
            range(20, 100, 10),
            strict=True,
        )
    )
    | {
        "hundred": 100,
        "hundreds": 100,
        "thousand": 1000,
        "thousands": 1000,
        "grand": 1000,
        "million": 10**6,
        "millions": 10**6,
        "billion": 10**9,
        "billions": 10**9,
        "trillion": 10**12,
        "lakh": 10**5,
        "lakhs": 10**5,
        "crore": 10**7,
        "crores": 10**7,
        "dozen": 12,
        "twice": 2,
        "thrice": 3,
        "fourty": 40,
    },
    ordinals={
        "third": 3,
        "fourth": 4,
        "fifth": 5,
        "sixth": 6,
        "seventh": 7,
        "eighth": 8,
        "ninth": 9,
        "tenth": 10,
        "eleventh": 11,
        "twelfth": 12,
        "twentieth": 20,
        "thirtieth": 30,
    },
    ones="one once",
    joiners="and",
    months=(
        "january jan",
        "february feb",
        "march",
        "april apr",
        "may",
        "june jun",
        "july jul",
        "august aug",
        "september sep sept",
        "october oct",
        "november nov",
        "december dec",
    ),
    weekdays=(
        "monday mondays mon",
        "tuesday tuesdays tue tues",
        "wednesday wednesdays wed",
        "thursday thursdays thu thurs",
        "friday fridays fri",
        "saturday saturdays",
        "sunday sundays",
    ),
    units=UNITS,
    questions={
        "how_much": Question.HOW_MUCH,
        "how_many": Question.HOW_MUCH,
        "how_long": Question.HOW_LONG,
        "how_often": Question.HOW_LONG,
        "how_frequently": Question.HOW_LONG,
        "how_soon": Question.WHEN,
        "how_fast": Question.HOW_LONG,
        "how_quickly": Question.HOW_LONG,
        "how_far": Question.HOW_MUCH,
        "how_old": Question.HOW_MUCH,
        "how_tall": Question.HOW_MUCH,
        "how_come": Question.WHY,
        "what_time": Question.WHEN,
        "what_date": Question.WHEN,
        "what_day": Question.WHEN,
        "who": Question.WHO,
        "whom": Question.WHO,
        "whose": Question.WHO,
        "where": Question.WHERE,
        "when": Question.WHEN,
        "why": Question.WHY,
        "what": Question.WHAT,
        "whats": Question.WHAT,
        "which": Question.WHICH,
        "how": Question.HOW,
    },
    openers=(
        "is are was were do does did can could will would should shall must has have had may might am"
    ),
    past="was were did been",
    present="is are does am do",
    future="will shall gonna",
    passives="be been being is are was were get",
    conditionals="if would could unless",
    source="from",
    target="to into towards toward onto",
    turns=(
        "+until_when +till_when +by_when +until_what +till_what",
        "still | already yet still_not | ?again ?once_more | anymore any_more no_longer",
        "if when | +unless | +even_if | +only_if",
        "than | as_as",
        "+instead",
        "look_for looking_for | look_after looking_after | look_like looks_like",
        "+half_dozen",
        "~my_name my_age my_birthday my_address my_job my_hometown my_favorite my_favourite | "
        "~your_name your_age your_birthday your_address your_job your_hometown your_favorite "
        "your_favourite",
        "~i_live | ~you_live",
        "~my | ~a_good an_ideal a_normal the_average a_healthy",
        "~time | ~date | +timezone +time_zone",
        "allowed permitted | able",
        "work_for works_for working_for worked_for | work_with works_with working_with worked_with",
        "~near | ~inside ~in_the ~at_the",
        "+if_had",
        "~in_front | ~behind | ~opposite | ~next_to ~beside",
        "?myself ?yourself ?on_my_own",
        "difference differences differ differs different | in_common similarity similarities alike",
        "get_to getting_to | get_around getting_around get_about",
        "come_from came_from comes_from coming_from | go_to go goes went going",
    ),
    bounds=(
        "at_least minimum no_less_than",
        "at_most up_to maximum max no_more_than",
        "more_than over above exceeding",
        "less_than under below fewer_than cheaper_than",
        "exactly",
    ),
    light="get take give turn look run put set make go come break bring call carry cut fall hold "
    "keep let pick pull pass throw rent lend",
    particles="up off out down away back over after through into",
    reaching="get stop remember forget regret mean",
    relations=(
        "before prior",
        "after following",
        "during while on at",
        "within",
        "until till",
        "since from on at",
        "over above on",
        "under below beneath underneath",
        "with using on at",
        "without",
        "behind",
        "beside",
        "into",
        "out from",
    ),
    conjunctions="and or vs versus between & plus nor",
    prepositions=(
        "in on at by for with without about of under over through during until till within "
        "against among across behind beyond per via upon than up down out off around near after "
        "before between into inside outside"
    ),
)
