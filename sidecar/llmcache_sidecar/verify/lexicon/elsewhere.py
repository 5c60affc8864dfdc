"""Texts in no language that has tables of its own: words that turn a statement round, in many."""

from __future__ import annotations

from typing import Final

from .table import Lexicon

ELSEWHERE: Final = Lexicon(
    code="",
    negations=(
        "not no without never cannot "  # words of any text that is too short to tell
        "nie bez nigdy ne neni bez nikdy inte utan aldrig ikke uden aldri ej ei en ilman "
        "degil yok не нет без никогда немає δεν χωρις tidak bukan tanpa khong "
        "不 没 沒 無 无 非 未 ない なし ません なく なかっ 안 못 "
        "لا ليس بدون नहीं मत बिना না নেই இல்லை ไม่"
    ),
    opposites=(
        "on | off",
        "enable activate | disable deactivate",
        "upload import login install | download export logout uninstall",
        "max maximum | min minimum",
        "开 開 | 关 關",
        "大 | 小",
        "多 | 少",
        "前 | 后 後",
        "上 | 下",
        "买 買 | 卖 賣",
        "включить | выключить отключить",
        "купить | продать",
        "открыть | закрыть",
        "до | после",
        "wlaczyc | wylaczyc",
        "kupic | sprzedac",
    ),
    units=(
        "percent pct",
        "km",
        "kg",
        "cm",
        "mm",
        "mg",
        "ml",
        "gb",
        "mb",
        "tb",
        "eur euro",
        "usd dollar",
    ),
)
