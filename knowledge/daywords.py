"""Which days a citizen's words mean: 11月3号, 上周五, 前天, 上个月28号, 2026-11-03.

Only days that can be told exactly are read: no 月底, no 半个月前, nothing by the lunar calendar.
Words for days to come are found too, without a day, so that what is said of them is not taken
for what is said of another day.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

EARLIEST = date(2008, 5, 1)
"""政府信息公开条例 first took effect; before, there was nothing to apply for."""

ONE_YEAR = 12
LEAP_YEARS_APART = 8
"""Years between two leap days at most (1896 and 1904, 2096 and 2104)."""

# One character for one, so that a place in the plain text is the same place in the original.
_TRADITIONAL = (
    "當簽遞網親傳號週禮請過給從現門員電郵遲個兩幾這還沒為麼時總問們剛經確認據寫補處資"
    "訊覆復單務廳櫃臺線統縣區級報應決後錢費稅點於機關辦條檔訴議舉罰書證執發掛導專會來"
    "張頁塊萬億畝戶訂協貼徵說讓準備計劃對顯須約話詢聽設實間農陰舊歷曆壓達轉誰長陽順豐"
    "產項鄉鎮結論銀錄內僅"
)
_SIMPLIFIED = (
    "当签递网亲传号周礼请过给从现门员电邮迟个两几这还没为么时总问们刚经确认据写补处资"
    "讯复复单务厅柜台线统县区级报应决后钱费税点于机关办条档诉议举罚书证执发挂导专会来"
    "张页块万亿亩户订协贴征说让准备计划对显须约话询听设实间农阴旧历历压达转谁长阳顺丰"
    "产项乡镇结论银录内仅"
)
_PLAIN = str.maketrans(
    "０１２３４５６７８９／．－：，！？；（）　○零" + _TRADITIONAL,
    "0123456789/.-:,!?;() 〇〇" + _SIMPLIFIED,
)

_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")}
_HAN = "一二三四五六七八九十廿卅〇"
_N = "(?:[0-9]{1,2}|[廿卅]?[一二三四五六七八九十]{1,3})"
_YEAR = f"20[0-9]{{2}}|(?<![0-9])[0-9]{{2}}|[一二][{_HAN}]{{3}}|[今本去]|大?前"
_UNIT = "[ ]?[日号]"
_AMOUNT = "[0-9.%‰]|[ ]?[个件份条篇页元块万亿亩平米户人次名张天周倍级版分]"
# What follows a number of its own, not a day: 3号窗口, 3号文件, 3号楼, 3号线.
_NUMBERED = (
    "(?:接线|[楼窗文令线院门房桌厅铺柜机库井店台车村组地公告通路病会场仓岗码牌称召外常子历期报照程益"
    "本式记志电])"
)

_PATTERNS = {
    "written": r"(?<![0-9.-])(?P<y>20[0-9]{2})[ ]?(?P<sign>[-./])[ ]?(?P<m>[0-9]{1,2})"
    rf"[ ]?(?P=sign)[ ]?(?P<d>[0-9]{{1,2}}+)(?:{_UNIT})?+(?![-./]?[0-9])",
    "compact": r"(?<![0-9A-Za-z〔\[(号.-])(?P<y>20[0-9]{2})(?P<m>0[1-9]|1[0-2])(?P<d>[0-3][0-9])"
    rf"(?!{_AMOUNT}|[0-9A-Za-z.-]|号)",
    "calendar": rf"(?:(?P<y>{_YEAR})[ ]?年的?[ ]?)?(?<![0-9{_HAN}])(?P<m>{_N})[ ]?月份?[ ]?"
    rf"(?:(?P<d>{_N}){_UNIT}|(?P<d2>[0-9]{{1,2}}+)(?!{_UNIT}|{_AMOUNT}))",
    "month": rf"(?:(?P<back>上+)一?个?月份?|(?:这个?|本)月)[ ]?(?P<d>{_N}){_UNIT}",
    "short": r"(?<![0-9./:年月第¥￥-])(?P<m>[0-9]{1,2})"
    rf"(?:[./](?=[0-9])|(?<=[0-9]{{2}})-(?=[0-9]{{2}}))(?P<d>[0-9]{{1,2}}+)"
    rf"(?:{_UNIT}|(?!{_AMOUNT}))(?![-./:])",
    "weekday": r"(?:(?P<back>上+)一?个?|这一?个?|本|(?<![0-9一二两三四几每下个双单到至]))"
    r"(?:周|星期|礼拜)(?P<d>[一二三四五六日天1-6])(?![次、到~-])",
    "near": "大?前[天日儿]|昨[天日晚夜儿]|今[天日早晨晚儿]|刚[才刚]",
    "ago": rf"(?<![0-9{_HAN}几第])(?P<d>[0-9]{{1,2}}|[一二两三四五六七八九十])天[以之]?前",
    "bare": rf"(?<![0-9{_HAN}月年第字〔〕【】\[\]()A-Za-z./:#~至到-])(?P<d>{_N})[号日]"
    rf"(?!{_NUMBERED})",
    # Not yet, not exactly, or not in this calendar.
    "other": r"明[天日早晚]|大?后[天日]|改天|过[几两]天|每[天日周月年]|[农阴旧]历[^,。]{2,6}"
    r"|下+一?个?(?:周|星期|礼拜)[一二三四五六日天]?"
    rf"|下+一?个?月(?:[ ]?{_N}[日号])?|[月年周][底初末]|[上中下]旬"
    rf"|(?:半|[好几]|{_N}|两)(?:个半?|多个?)?(?:月|年|周|星期|礼拜)多?[以之]?前|前[几些]天|前(?:阵子|段时间)",
}
# What makes a day the edge of a span: 3日内, 12月3日前, 2月1日起, 3日至5日.
_EDGE = re.compile("之?[内前起底]|之?后(?!来)|以[内前后来]|开?始|截止|[至~]")
_UNTIL = re.compile("(?:至|截止到?|截至|期限?[到为]|最[迟晚])[ ]?$")
_MONTH_SAID = re.compile(r"(?:月份?[ ]?[^月,。]{1,4}|[0-9][./-][0-9]{1,2})[日号]?$")
# The weekday said again behind a day: 11月3日（星期二）.
_IN_BRACKETS = re.compile(r"[ ]?\(?(?:周|星期|礼拜)[一二三四五六日天]")
_COMPILED = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}

_YEARS_AGO = {"今": 0, "本": 0, "去": 1, "前": 2, "大前": 3}
_NEAR = {"大": 3, "前": 2, "昨": 1, "今": 0, "刚": 0}


@dataclass(frozen=True, slots=True)
class DayWords:
    """Words that mean one day, and where they stand in the text."""

    start: int
    end: int
    day: date | None
    """None for days to come, days that do not exist and words that mean no exact day."""
    went_back: bool
    """The words as they stand mean a day to come; ``day`` is a month, year or week earlier."""
    bare: bool
    """Only 3号: might as well be the number of something."""


def plain(text: str) -> str:
    """The text with half-width digits and signs and the simplified form of the words read here.

    As long as the original, character for character.
    """
    return text.translate(_PLAIN)


def find_days(text: str, *, today: date) -> list[DayWords]:
    """The words for days in a plain text, in their order, none overlapping another.

    A day without a year, month or week is the last one that is not after ``today``; behind a day
    with its month (10月8日寄的，11日到的), it is the first one that is not before that.
    """
    found = sorted(_read(text, today), key=lambda words: (words.start, -words.end))
    kept: list[DayWords] = []
    for words in found:
        if kept and words.start < kept[-1].end:
            continue
        if kept and _IN_BRACKETS.fullmatch(text, kept[-1].end, words.end):
            kept[-1] = replace(kept[-1], end=words.end)
        elif words.bare and words.day and kept and _MONTH_SAID.search(text[: kept[-1].end]):
            kept.append(_after(kept[-1], words, today))
        else:
            kept.append(words)
    return kept


def _after(before: DayWords, words: DayWords, today: date) -> DayWords:
    """The bare day as the next one with its number, counted from the day said before it."""
    if before.day is None or words.day is None:
        return words
    months = before.day.year * ONE_YEAR + before.day.month - 1
    months += words.day.day < before.day.day
    try:
        day = date(months // ONE_YEAR, months % ONE_YEAR + 1, words.day.day)
    except ValueError:
        return words
    return replace(words, day=day if day <= today else None, went_back=False)


def _read(text: str, today: date) -> Iterator[DayWords]:
    for name, pattern in _COMPILED.items():
        for match in pattern.finditer(text):
            try:
                day, went_back = _MEANINGS[name](match, today)
            except (ValueError, OverflowError):  # no such day, or none that far back
                day, went_back = None, False
            edge = _EDGE.match(text, match.end()) or _UNTIL.search(text, 0, match.start())
            if edge or (day and not EARLIEST <= day <= today):
                day = None
            yield DayWords(match.start(), match.end(), day, went_back, name == "bare")


_Meaning = tuple[date | None, bool]


def _written(match: re.Match[str], _today: date) -> _Meaning:
    return date(int(match["y"]), int(match["m"]), int(match["d"])), False


def _calendar(match: re.Match[str], today: date) -> _Meaning:
    month, day = _number(match["m"]), _number(match["d"] or match["d2"])
    if match.string[: match.start()].endswith("年"):  # a year of another reckoning
        return None, False
    if match["y"]:
        return date(_year(match["y"], today), month, day), False
    return _last(month, day, today)


def _short(match: re.Match[str], today: date) -> _Meaning:
    return _last(int(match["m"]), int(match["d"]), today)


def _month(match: re.Match[str], today: date) -> _Meaning:
    months = today.year * ONE_YEAR + today.month - 1 - len(match["back"] or "")
    day = _number(match["d"])
    return date(months // ONE_YEAR, months % ONE_YEAR + 1, day), False


def _weekday(match: re.Match[str], today: date) -> _Meaning:
    monday = today - timedelta(days=today.weekday())
    number = 6 if match["d"] in "日天" else _number(match["d"]) - 1
    day = monday + timedelta(days=number - 7 * len(match["back"] or ""))
    # Only a weekday without 上, 这 or 本 may be one of last week.
    if day > today and match[0][0] in "周星礼":
        return day - timedelta(days=7), True
    return day, False


def _near(match: re.Match[str], today: date) -> _Meaning:
    return today - timedelta(days=_NEAR[match[0][0]]), False


def _ago(match: re.Match[str], today: date) -> _Meaning:
    days = 2 if match["d"] == "两" else _number(match["d"])
    # Beyond ten, people speak in round numbers.
    return (today - timedelta(days=days) if days <= 10 else None), False


def _bare(match: re.Match[str], today: date) -> _Meaning:
    day = _number(match["d"])
    months = today.year * ONE_YEAR + today.month - 1
    for back in range(3):  # of three months in a row, one has 31 days
        try:
            found = date((months - back) // ONE_YEAR, (months - back) % ONE_YEAR + 1, day)
        except ValueError:
            continue
        if found <= today:
            return found, back > 0
    return None, False


def _other(_match: re.Match[str], _today: date) -> _Meaning:
    return None, False


_MEANINGS: dict[str, Callable[[re.Match[str], date], _Meaning]] = {
    "written": _written,
    "compact": _written,
    "calendar": _calendar,
    "month": _month,
    "short": _short,
    "weekday": _weekday,
    "near": _near,
    "ago": _ago,
    "bare": _bare,
    "other": _other,
}


def _last(month: int, day: int, today: date) -> _Meaning:
    for back in range(LEAP_YEARS_APART + 1):
        try:
            found = date(today.year - back, month, day)
        except ValueError:  # the 29th of February
            continue
        if found <= today:
            return found, back > 0
    return None, False


def _year(words: str, today: date) -> int:
    if words in _YEARS_AGO:
        return today.year - _YEARS_AGO[words]
    if words.isdecimal():
        return int(words) if len(words) > 2 else 2000 + int(words)
    return int("".join(str(_DIGITS[character]) for character in words))


def _number(words: str) -> int:
    if words.isdecimal():
        return int(words)
    words = words.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = words.rpartition("十")
    # A repeated or misplaced sign is in no table and so is no number.
    try:
        return 10 * (_DIGITS[tens] if tens else bool(ten)) + (_DIGITS[ones] if ones else 0)
    except KeyError as error:
        raise ValueError(f"{words} is not a number") from error
