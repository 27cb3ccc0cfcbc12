"""Numbers written in Chinese, put into digits where both ways of writing mean the same."""

import re

_VALUES = {sign: number for number, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_TIMES = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"亿": 10**8, "万": 10**4}
_SHORT = {"廿": "二十", "卅": "三十"}
_STARTS = "〇零一二三四五六七八九两十廿卅"
_SIGNS = _STARTS + "百千万亿"

# What is counted; after the signs in brackets it is another word (三天气, 三项目, 三人民).
_UNIT = (
    "个|天(?!气)|日|周(?!边|围|期|转|末)|星期|礼拜|月(?!嫂|子|票|饼)|季度|学期|学年|年(?!检|审)"
    "|小时|分钟|元|块|岁|倍|亩|平方|平米|公里|公斤|吨|斤|米|页|份|件|张|次|种(?!植|子)|套|辆|批|届|级"
    "|条(?!件|例|约|款|文|理)|款|项(?!目|链)|章(?!程)|期(?!间|限|满|货)|号(?!码|召|称)|楼|栋|幢|单元"
    "|层(?!次|面)|组(?!织|合|成|长|建)|户(?!口|籍|外|型|主|名)|口人|名(?!字|单|额|称|义)|位(?!置|于)"
    "|人(?!民|大|事|社|员|均|才|类|行|生|工|力)"
)
# A single 一 is an article before most of them (一份, 一个, 一次): only a span of time, an age, a
# price, a number on a door or a date is meant in earnest.
_ONE = (
    "个半?月|个?(?:工作日|自然日|小时)|年(?!检|审|度)|周(?!边|围|期|转|末)|岁|元|块钱|号(?!码|召|称)"
    "|月(?:份|[一二三四五六七八九十])|(?<=月.)日"
)
_FIRST = "条(?!件|例|约)|款|项(?!目)|章|页|次|期(?!间|限)|批|届|级|名(?!单)|个|份|号|层|种|年|天"
_NO_NUMBER = f"几数双周0-9{_SIGNS}"
_NO_ONE = "统万唯同单专逐之合划初不如任某每另这那哪此上下前后头有"
"""Before 一: what makes it the end of another word (统一, 唯一) or “this one” (上一年)."""

_NUMBER = re.compile(
    f"[{_STARTS}](?<![{_NO_NUMBER}].)(?<!星期.)(?<!礼拜.)"
    f"(?:[{_SIGNS}]++"
    f"|(?<!一)(?={_UNIT})(?!(?<=第.)人)"  # 第三人 is the law's third party
    f"|(?<=一)(?<![{_NO_ONE}].)(?={_ONE}|(?<=第.)(?:{_FIRST})))"
    "(?![几0-9])"
)
_UNITS = re.compile(_UNIT)
_BEGINS_WITH_ONE = frozenset("直样般起共定些切旦律向下点边面半会致")
"""What follows 一 in 一直, 一共: in 三百一直没给 it is not the number's last digit."""

_DIGIT = "[一二三四五六七八九]"
_BELOW_MYRIAD = (
    f"(?:(?:{_DIGIT}|两)千)?(?:[零〇]?(?:{_DIGIT}|两)百)?(?:[零〇]?{_DIGIT}?十)?"
    f"(?:(?:(?<=十)|[零〇]){_DIGIT})?"
)
_PART = f"(?:{_DIGIT}|两|(?=[^万亿]){_BELOW_MYRIAD})"
_COUNTED = re.compile(f"(?:{_PART}亿)?(?:[零〇]?{_PART}万)?{_BELOW_MYRIAD}")
_SPELT = re.compile("[〇零一二三四五六七八九]{2,}")
_ROUGHLY = frozenset(("一二", "二三", "三四", "三五", "四五", "五六", "六七", "七八", "八九"))


def in_digits(text: str) -> str:
    """The text with its Chinese numbers in digits: 二十天 → 20天, 第三十六条 → 第36条.

    Longer numbers are changed wherever they are well formed, a single digit only before a unit
    (三天, 两个月). What is part of a word (一样, 三公经费, 十三五) or says only about how many
    (十几天, 三五天, 两三年) stays, and so do digits that are there already. Whole multiples of 万
    and 亿 keep that sign: 二十万元 → 20万元. Doing it twice changes nothing.
    """
    return _NUMBER.sub(_written, text)


def _written(found: re.Match[str]) -> str:
    """The number in digits, or what was found if it can as well be a word."""
    run, end = found[0], found.end()
    after = found.string[end : end + 1]
    if len(run) > 1 and run[-1] == "一" and after in _BEGINS_WITH_ONE:
        digits = _digits(run[:-1], after="一")
        return run if digits is None else f"{digits}一"
    if after == "大" or (run == "十一" and not _UNITS.match(found.string, end)):
        return run  # 二十大 is a congress, 十一 alone a holiday
    return _digits(run, after=after) or run


def _digits(run: str, *, after: str) -> str | None:
    if _SPELT.fullmatch(run):
        return _spelt(run, after=after)
    run = "".join(_SHORT.get(sign, sign) for sign in run)
    if len(run) > 1 and not _COUNTED.fullmatch(run):
        return None
    number = _counted(run)
    for sign, size in _MYRIADS.items():
        if number and number % size == 0:
            return f"{number // size}{sign}"
    return str(number)


def _spelt(run: str, *, after: str) -> str | None:
    """Single digits in a row if they are one number: a year, or one that is dialled."""
    year = run not in _ROUGHLY if after == "年" else len(run) == 4 and run.startswith("一九")
    if year or len(run) > 4 or "零" in run or "〇" in run:
        return "".join(str(_VALUES[sign]) for sign in run)
    return None


def _counted(run: str) -> int:
    total = part = digit = 0
    for sign in run:
        if sign in _VALUES:
            digit = _VALUES[sign]
        elif sign in _TIMES:
            part += (digit or 1) * _TIMES[sign]
            digit = 0
        else:
            total += (part + digit) * _MYRIADS[sign]
            part = digit = 0
    return total + part + digit
