"""In which manner an application was handed in: the words that name it."""

import re
from typing import Literal

Manner = Literal["in_person", "registered_mail", "ordinary_mail", "online", "fax", "unknown"]

# In the order of preference where two are equally near.
MANNERS: dict[Manner, re.Pattern[str]] = {
    "ordinary_mail": re.compile(
        "平信|平邮|普通信件?|普通邮[件寄]|(?:不[用需]要?|没有?)签收|投[进到]?(?:邮筒|信箱)"
    ),
    "fax": re.compile("传真"),
    "online": re.compile(
        r"网[上站络页](?!查|看|说|搜|显示)|在线|线上|平台(?!查|看|显示)|电子邮[件箱]|邮箱"
        r"|发[了的个封]*邮件|e-?mail|官网|门户|政务网|小程序|公众号|app|微信",
        re.IGNORECASE,
    ),
    "registered_mail": re.compile(
        "挂号信?|快递|EMS|特快专?递?|顺丰|邮政|邮局|邮寄", re.IGNORECASE
    ),
    "in_person": re.compile(
        r"当面|面[交呈]|亲[手自]|现场|窗口|柜台|大厅|送(?=[的了去过到上])|上门"
        r"|(?<![寄过送发交递传收直等拖后])(?:去(?!年)|跑到?|到|来)[^,。邮网]{0,8}"
        r"[里府局办厅心委乡镇县市州区院所科部]"
    ),
}


def named(text: str, within: range, place: int) -> list[Manner]:
    """The manners that are named there, the nearest to ``place`` first."""
    distances = {
        manner: min(abs(match.start() - place) for match in matches)
        for manner, pattern in MANNERS.items()
        if (matches := list(pattern.finditer(text, within.start, within.stop)))
    }
    return sorted(distances, key=lambda manner: distances[manner])
