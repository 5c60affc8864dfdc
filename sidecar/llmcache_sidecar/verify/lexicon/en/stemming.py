"""Words without their endings."""

from __future__ import annotations

from typing import Final

from ..table import listed

_IRREGULAR: Final = {
    form: base
    for base, forms in {
        "lose": "lost losing",
        "seat": "sit sits sat sitting",
        "buy": "bought",
        "sell": "sold",
        "get": "got gotten",
        "make": "made",
        "go": "went gone",
        "take": "took taken",
        "give": "gave given",
        "find": "found",
        "send": "sent",
        "pay": "paid",
        "say": "said",
        "tell": "told",
        "think": "thought",
        "break": "broke broken",
        "steal": "stole stolen",
        "write": "wrote written",
        "speak": "spoke spoken",
        "choose": "chose chosen",
        "win": "won",
        "build": "built",
        "spend": "spent",
        "become": "became",
        "begin": "began begun",
        "see": "saw seen",
        "know": "knew known",
        "grow": "grew grown",
        "eat": "ate eaten",
        "drive": "drove driven",
        "forget": "forgot forgotten",
        "freeze": "froze frozen",
        "hide": "hid hidden",
        "keep": "kept",
        "hold": "held",
        "bring": "brought",
        "teach": "taught",
        "care": "cares cared caring",
        "meet": "met",
        "child": "children kids kid",
        "man": "men",
        "woman": "women",
        "person": "people persons",
        "foot": "feet",
        "tooth": "teeth",
        "mouse": "mice",
        "life": "lives",
        "wife": "wives",
        "analyse": "analyze analysing analyzing analysis",
    }.items()
    for form in forms.split()
}
_DOUBLED: Final = frozenset("bdgmnprt")
_KEPT: Final = frozenset(
    listed(
        "news series species always perhaps during morning evening thing something anything "
        "nothing everything king ring spring string bring sing wing red bed need speed feed seed "
        "weed mars texas paris james business access address process success iphone canvas "
        "plane care wine fare cube tube cute pine status virus bus gas rating rated station state nation"
    )
)


def stem(word: str) -> str:
    """Take the commonest endings away; wrong now and then, the same for both texts."""
    found = _IRREGULAR.get(word)
    if found:
        word = found
    if len(word) < 4 or word in _KEPT:
        return word
    if word.endswith("'s"):
        word = word[:-2]
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "ches", "shes", "xes", "zzes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word in _KEPT:
        return word
    if word.endswith("ie") and len(word) > 4:
        return word[:-2] + "y"
    if word.endswith("ied") and len(word) > 4:
        return word[:-3] + "y"
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            if word[-1] == word[-2] and word[-1] in _DOUBLED:
                word = word[:-1]
            break
    if word.endswith("ation") and len(word) > 8:
        word = word[:-5]
    elif (word.endswith("ate") and len(word) > 6) or (word.endswith("ion") and len(word) > 7):
        word = word[:-3]
    elif word.endswith("ment") and len(word) > 7:
        word = word[:-4]
    if word.endswith("e") and len(word) > 3:
        word = word[:-1]
    return word


def participle(word: str) -> bool:
    """Whether a form may stand behind what it is done to ("my card stolen")."""
    return word.endswith("ed") or word in _IRREGULAR
