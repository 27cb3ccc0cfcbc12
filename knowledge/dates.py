"""When, and how, citizens say that they handed in their application.

``find_filing`` reads 11月3号寄到的, 昨天当面交的, 上周五网上提交. It would rather find nothing
than take the date of a document, of another matter or of a plan for the day of an application,
since a limit is counted from what it finds.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from knowledge.daywords import EARLIEST, DayWords, find_days, plain
from knowledge.manners import MANNERS, Manner, named

Stage = Literal["posted", "handed_in", "arrived", "confirmed"]

NEAR, FAR = 10, 32
"""Characters between a day and what was done on it; 3号 alone must stand near."""

_STAGES: tuple[Stage, ...] = ("posted", "handed_in", "arrived", "confirmed")


@dataclass(frozen=True, slots=True)
class Filing:
    """An application of which a citizen says on which day and in which manner it was made."""

    day: date
    manner: Manner
    """``registered_mail`` is all mail that is signed for, express mail too."""
    quote: str
    """The citizen's words that say so."""
    arrived: bool = True
    """False if ``day`` is only that of posting: the limit begins when the office signs for it, so
    that day must be asked for."""
    confirmed: bool = False
    """True if ``day`` is the one on which the office confirmed receipt."""

    @property
    def needs_confirming(self) -> bool:
        """True if the limit may begin on another day than ``day``, or the manner is not known.

        Source: 政府信息公开条例 第三十一条: in person, the day of handing in; by mail, the day of
        signing; by ordinary mail, which nobody signs for, online and by fax, the day on which
        receipt is confirmed.
        """
        return not self.confirmed and self.manner not in ("in_person", "registered_mail")


def find_filing(text: str, *, today: date, asked: bool = False) -> Filing | None:
    """The day on which the citizen's application was made, if the words say one.

    ``asked`` is True when the citizen was just asked for the day: then a day alone is an answer
    (前天, 11月3号 挂号信).

    Days to come are never found. Of several, that of confirmation goes before that of arrival,
    of handing in and of posting, and among the same the latest: an application may be handed in
    again. That of a correction (补正) goes before all.
    """
    words = plain(text)
    days = find_days(words, today=today)
    found = [*_said(words, days)]
    if (demand := _MUST_CORRECT.search(words)) and not any(one.corrects for one in found):
        # The first day counts no longer (条例第三十条): the day of the correction, or none.
        found = [one for one in found if _follows(one, demand, days)]
        if not found:
            return None
    if not found:
        answer = _answered(words, days) if asked else None
        return None if answer is None else _filing(text, words, answer)
    return _filing(text, words, max(found, key=_standing))


@dataclass(frozen=True, slots=True)
class _Statement:
    """A day and what is said to have happened on it; places are those of its words."""

    day: date
    stage: Stage
    start: int
    end: int
    verb: int
    by_mail: bool
    corrects: bool
    """It is the correction that was handed in: the limit begins anew (条例第三十条)."""


def tells_only_a_day(text: str) -> bool:
    """Whether nothing is said but on which day and how something was, or will be, handed in.

    The day need not be one that can be told exactly: 半个月前交的, 2月30号交的, 明天去交.
    """
    words = plain(text)
    days = find_days(words, today=EARLIEST)
    for day in reversed(days):
        words = words[: day.start] + words[day.end :]
    for pattern in (*MANNERS.values(), _VERBS, _ANSWER_WORDS):
        words = pattern.sub("", words)
    return bool(days) and not _SAID_AROUND.sub("", words)


def _follows(statement: "_Statement", demand: re.Match[str], days: list[DayWords]) -> bool:
    """Whether it is said behind the demand for a correction, of a later day than any before."""
    earlier = [words.day for words in days if words.end <= demand.end() and words.day]
    return statement.start >= demand.end() and bool(earlier) and statement.day >= max(earlier)


def _standing(statement: _Statement) -> tuple[bool, int, date]:
    return statement.corrects, _STAGES.index(statement.stage), statement.day


_STOPS = "。!?;\n"

# Each alternative is what a citizen says was done, under its stage; "mail" where the word itself
# says that it went by mail.
_VERBS = re.compile(
    r"(?P<confirmed>确认了?(?:已经?)?(?:收到|收悉|收了|收件|签收)"
    r"|(?:收到|拿到|给了?我?)了?(?:受理|收件|登记)?回执)"
    r"|(?P<corrected>补(?=[的了过上好齐完])|补正(?=[的了过好完]|[,。!?;]|$))"
    r"|(?P<arrived_mail>签收|(?:邮|快递|挂号)?寄[到达]|邮到)"
    r"|(?P<arrived>收到|收悉|收件|接收(?!人)|接到|送达|(?<![没回签征吸验招丰税查])收(?=[的了下])"
    r"|受理(?!机构|机关|单位|点|窗口|编号|号))"
    r"|(?P<delivered>送到(?=[的了你\s,。!?;]|窗口|大厅|政府|单位|机关|中心|.{0,4}[县市州区局办镇乡]|$))"
    r"|(?P<arrived_post>(?<![收送寄邮达去过直])到(?=了|的|达|你|贵|单位|政府|[县市局办州乡镇]"
    r"|[,。!?;\s]|$))"
    r"|(?P<posted_mail>(?:邮|快递|挂号)?寄(?![递件存托生予希宿养语人])|邮(?=[的了出过走去])"
    r"|(?:快递|顺丰|挂号信?|平信|EMS)(?:发|走)[的了出]?|发[了的]?(?:快递|EMS|挂号|平信)"
    r"|投[进到]?(?:邮筒|信箱))"
    r"|(?P<handed>提交|提出(?=了?[的过]?(?:申请|公开|信息|依申请))|[递呈]交|呈[递送]|面[交呈]"
    r"|(?<![快邮寄传投呈递])递(?![增减归推质员延补]|进(?![去来了]))"
    r"|(?<![成公外性社相移转结杂缴])交(?![通警易流房代接际往叉付款费钱税罚社医保电水养党学租押定粮换"
    r"涉织情互界友谈锋手差班底响货工卷管行由售地公])"
    r"|报送|送(?=[的了去过上交]|申请|材料)|当面给"
    r"|(?:网[上站]|平台上?|线上)填[写报]?|传真(?=[的了过给发去]|[,。!?;]|$)"
    r"|发(?![布生现放展改证票])[^,。!?;]{0,6}?(?:邮件|邮箱|传真)"
    r"|(?:邮箱|邮件|传真|网[上站]|平台)[^,。]{0,3}发[的了出过送给到])"
    r"|(?P<sent>(?<![研首开颁印下核签自触爆沙出批])发(?=[的了出送]))"
    r"|(?P<applied>申请)",
    re.IGNORECASE,
)

_MEANS: dict[str, tuple[Stage, bool]] = {
    "confirmed": ("confirmed", False),
    "corrected": ("handed_in", False),
    "arrived_mail": ("arrived", True),
    "arrived_post": ("arrived", True),
    "arrived": ("arrived", False),
    "delivered": ("arrived", False),
    "posted_mail": ("posted", True),
    "handed": ("handed_in", False),
    "sent": ("handed_in", False),
    "applied": ("handed_in", False),
}

_NOT_DONE = re.compile(
    r"(?:[没未不别](?:有|能|人|去|曾|给)?|尚未"
    r"|(?:可不可以|能不能|要不要|可以|能|想要?|打算|准备|计划|怎[么样]|如何|[哪那][里儿]|哪|要|"
    r"[应须]该?|会|得|必须|需|[让叫]我)(?:再|去|来|过去|直接|重新)?"
    r"(?:在?(?:网上|线上|平台|窗口|当面|现场|邮局)|邮寄|用|通过)?)$"
)
_PLANNED = re.compile("打算|准备|计划|想|如果|要是|假如|假设|若|万一|[要会]")
_ASKED = re.compile(
    "[了的]?(?:申请表?|材料)?,?还?(?:可以|行|成|来得及|晚)(?:不|吗|么|不行)"
    r"|[了过]?(?:吗|么|没有?|不)\s*(?:[,。!?;\n]|$)"
)

_OTHER_MATTER = re.compile(
    "答复|回复|告知|决定|通知|短信|回执|回信|复议|起诉|诉状|诉讼|立案|举报|投诉|信访|仲裁|罚|"
    "钱|款|执照|低保|社保|医保|公积金|公租房|廉租房|补[贴助]|贷款|护照|身份证|户口|工伤|许可|法律援助|"
    "残疾|奖|学费|离婚|建房|危房|过户|专利|商标|退休|退税|救助|[房不]动?产证?|协议|合同|报告|方案|规划|号文"
)
_CORRECTS = re.compile("补[正交充寄递]")
_MUST_CORRECT = re.compile(
    r"(?<![没未])(?<!没有)(?:让|叫|要求|通知|告知|说)(?!.{0,4}(?:不用|不需|没有))[^,。!?;不没]{0,8}"
    r"补(?!偿|贴|助|办|发|课|缴)|补正(?:通知|告知)|补[正交充寄递]?(?:材料|资料)?[了过完好齐](?![吗么没])"
)
_DEMANDED = re.compile("(?:让|叫|要求|通知|告知|要|说)[^,。]{0,6}$")
_OURS = re.compile("公开|政府信息|依申请")
# The object right behind the verb, before the words turn to something else.
_OBJECT = re.compile(r"[了过的到来给]*(?P<object>[^,。!?;\n没未不多怎什几啥为等能最会该应]{0,10})")
# 提交的, 签收的 may end the sentence, go on to the application, or to what the citizen asks.
_TURN = "怎咋为现目到至还一没未什啥多几哪今最能会应是吗呢吧啊呀啦哦嘛就已都按从请你您我"
_AFTER_DE = re.compile(
    r"\s*(?:$|[,。!?;:)\n]|[^,。]{0,4}?(?:申请|表|材料|资料|信|快递|件|公开)"
    rf"|[0-9]{{1,2}}[号日月]|[{_TURN}想算何超过答回时日截期])"
)
# 申请, 收到 say nothing of an application when something else follows: 申请破产, 收到省里的批复.
_FOLLOWS = re.compile(
    r"[了过的]?\s*(?:$|[,。!?;:)\n]|申请|公开|信息|政府|依|[表书]|材料|资料|文件|批文|名单|档案"
    rf"|征地|拆迁|预算|决算|查|看|要|日期|时间|信|快递|邮件|EMS|[{_TURN}])"
)
# 请公开11月3日信访局收到的材料: the day belongs to what is wanted.
_ASKS_FOR = re.compile("(?:公开|查|获取|了解|知道|要|看)(?:(?!申请)[^,。]){0,12}$")
_OF_WHICH = re.compile("了?的(?![^,。]{0,6}申请)")

_HOUR = "(?:上午|下午|早[上晨]|晚上?|中午|[0-9一二三四五六七八九十]{1,3}[点时:][0-9半刻分]{0,3})"
_TO_COMMA = re.compile(
    rf"(?:\s|的时候|那天|{_HOUR}|左右|我们|我|就|又|还|才)*(?:[在到去来从给向用通过托][^,。]{{1,12}})?"
)
# What happened on that day instead: it was published, taken, seen, asked for.
_OTHER_EVENT = re.compile(
    "公布|发布|印发|出台|施行|实施|召开|作出|做出|下发|签[订的]|[拆征]|发生|公告|公示|贴|会议|文件|批[复准]|"
    "开会|[问看]|咨询|听说|知道|打听|第[0-9一二三四五六七八九十]+[个天]|工作日|满|公开的|内容|信息的|缴|[案庭]"
)
_FILLER = re.compile(
    rf"(?:[\s我们就已经又还才在向给到去来的了那个次份你贵县市省州区政府局委办镇乡村用依,]|{_HOUR}"
    r"|网[上站]|线上|平台|官网|窗口|大厅|当面|书面|邮箱|传真|通过|提交|信息公开|政府信息)*"
)
_CONNECTS = re.compile(
    r"[了的]?(?:上去|过去|去)?了?(?:信息公开|公开)?(?:申请表?|申请书|材料)?的?"
    r"(?:(?:时间|日期|日子|那天)(?:大概|应该)?(?:是在?|为|在|:)?|是在?|为|于|在|:|,(?:是|在)?)\s*"
)
_ENDS = re.compile(rf"\s*(?:$|[,。!?;)]|[吧呢啊哦了]|左右|{_HOUR}|当面|[网邮窗挂快]|的?\s*$)")
_POSTED = re.compile("[寄邮]|挂号|平信|快递|EMS|顺丰", re.IGNORECASE)
_MAIL_WORDS = re.compile("寄|快递|挂号|EMS|信|邮件|顺丰|包裹|申请|材料", re.IGNORECASE)
_THEM = re.compile("你|您|对方|政府|[县市局办州]|单位|机关|他们|窗口|贵|工作人员|人家")
_ME = re.compile(r"我们?\s*$")


def _said(text: str, days: list[DayWords]) -> Iterator[_Statement]:
    for verb in _VERBS.finditer(text):
        for words, behind in _nearest(days, verb):
            if words.day is None or not _tells(text, words, verb, behind=behind):
                continue
            stage, by_mail = _MEANS[verb.lastgroup or ""]
            yield _Statement(
                day=words.day,
                stage=stage,
                start=min(words.start, verb.start()),
                end=max(words.end, verb.end()),
                verb=verb.start(),
                by_mail=by_mail,
                corrects=verb.lastgroup == "corrected"
                or bool(_CORRECTS.search(_clause(text, words, verb))),
            )
            break


def _nearest(days: list[DayWords], verb: re.Match[str]) -> Iterator[tuple[DayWords, bool]]:
    """The day before the verb, with False; then the one after it, with True."""
    before = [words for words in days if words.end <= verb.start()]
    after = [words for words in days if words.start >= verb.end()]
    if before:
        yield before[-1], False
    if after:
        yield after[0], True


def _tells(text: str, words: DayWords, verb: re.Match[str], *, behind: bool) -> bool:
    """True if the day is said to be the day of what the verb says."""
    if behind:
        between = text[verb.end() : words.start]
        if not _CONNECTS.fullmatch(between) or not _ENDS.match(text, words.end):
            return False
    else:
        between = text[words.end : verb.start()]
        head, comma, tail = between.partition(",")
        if len(between) > (NEAR if words.bare else FAR) or _OTHER_EVENT.search(between):
            return False
        if any(stop in between for stop in _STOPS) or "," in tail:
            return False
        if comma and not _TO_COMMA.fullmatch(head):
            return False
        if verb.lastgroup == "applied" and not _FILLER.fullmatch(between):
            return False
        if text[: words.start].rstrip().endswith("不是"):
            return False
    return _is_ours(text, words, verb) and _is_done(text, words, verb)


def _clause(text: str, words: DayWords, verb: re.Match[str]) -> str:
    """The words from the last comma or stop before day and verb up to the verb's object."""
    behind = _OBJECT.match(text, verb.end())
    return text[_clause_start(text, words, verb) : verb.end()] + (
        behind["object"] if behind else ""
    )


def _clause_start(text: str, words: DayWords, verb: re.Match[str]) -> int:
    first = min(words.start, verb.start())
    return max(text.rfind(stop, 0, first) for stop in _STOPS + ",") + 1


def _is_ours(text: str, words: DayWords, verb: re.Match[str]) -> bool:
    """True if it is an application that came to the office, not its answer or another matter."""
    about = _clause(text, words, verb)
    start = _clause_start(text, words, verb)
    said_before = text[start : verb.start()]
    if verb.lastgroup == "confirmed":
        about = about.replace("回执", "")
    if _OTHER_MATTER.search(about) and not _OURS.search(about):
        return False
    if text.startswith("的", verb.end()) and not _AFTER_DE.match(text, verb.end() + 1):
        return False
    asked_for = _ASKS_FOR.search(text, start, words.start)
    if asked_for and _OF_WHICH.match(text, verb.end()):
        return False
    group = verb.lastgroup or ""
    if group in ("applied", "arrived") and not _FOLLOWS.match(text, verb.end()):
        return False
    if group == "arrived_post":
        sentence = max(text.rfind(stop, 0, verb.start()) for stop in _STOPS) + 1
        return bool(_MAIL_WORDS.search(said_before) or _POSTED.search(text[sentence:start]))
    if group == "sent":
        return any(MANNERS[manner].search(text) for manner in ("online", "fax"))
    if group.startswith("arrived"):
        # 我收到 is said of what the office sent.
        before_day = text[start : words.start]
        between = text[words.end : verb.start()]
        mine = _ME.search(before_day) or _ME.search(between) or between.strip() in ("我", "我们")
        return not mine or bool(_THEM.search(said_before))
    return True


def _is_done(text: str, words: DayWords, verb: re.Match[str]) -> bool:
    """True unless it was not done, is only intended, or is asked about."""
    sentence_start = max(text.rfind(stop, 0, verb.start()) for stop in _STOPS) + 1
    before = text[sentence_start : verb.start()]
    if verb.lastgroup == "corrected" and _DEMANDED.search(before):
        return False
    if _NOT_DONE.search(before[-16:]) or _ASKED.match(text, verb.end()):
        return False
    return not (words.went_back and _PLANNED.search(before))


# What an answer to the question which day it was may hold besides the day and the manner.
_ANSWER_WORDS = re.compile(
    r"[\s,。!?;:()、的是在就了吧呢啊哦嗯那大概应该好像可能左右我们当时用]|上午|下午|早上|晚上|中午|"
    r"申请|材料|表|过去"
)


_SAID_AROUND = re.compile("上|这|个|又|才|已经?|去|送|书|信|件|[嘛嘞嘅到出来给]|申请表?")


def _answered(text: str, days: list[DayWords]) -> _Statement | None:
    read = {words.day for words in days}
    if len(read) != 1:
        return None
    words = days[0]
    rest = text
    for other in reversed(days):
        rest = rest[: other.start] + rest[other.end :]
    for pattern in MANNERS.values():
        rest = pattern.sub("", rest)
    if words.day is None or _ANSWER_WORDS.sub("", rest):
        return None
    return _Statement(
        words.day,
        "handed_in",
        words.start,
        words.end,
        verb=words.start,
        by_mail=False,
        corrects=False,
    )


def _filing(text: str, words: str, statement: _Statement) -> Filing:
    manner = _manner(words, statement)
    by_mail = statement.by_mail or manner in ("registered_mail", "ordinary_mail")
    return Filing(
        day=statement.day,
        manner=manner,
        quote=text[statement.start : statement.end],
        arrived=not by_mail or statement.stage in ("arrived", "confirmed"),
        confirmed=statement.stage == "confirmed",
    )


def _manner(text: str, statement: _Statement) -> Manner:
    """The manner named nearest to the verb in its sentence, or else anywhere."""
    start = max(text.rfind(stop, 0, statement.verb) for stop in _STOPS) + 1
    ends = [end for stop in _STOPS if (end := text.find(stop, statement.verb)) >= 0]
    sentence = range(start, min(ends, default=len(text)))
    if statement.by_mail:
        near = named(text, sentence, statement.verb)
        if "ordinary_mail" in near:
            return "ordinary_mail"
        if near[:1] == ["in_person"] and statement.stage == "arrived":
            return "in_person"
        return "registered_mail"
    if statement.corrects:
        # How the first application came says nothing of its correction.
        start = max(text.rfind(stop, 0, statement.start) for stop in _STOPS + ",") + 1
        ends = [end for stop in _STOPS + "," if (end := text.find(stop, statement.end)) >= 0]
        near = named(text, range(start, min(ends, default=len(text))), statement.verb)
        return near[0] if near else "unknown"
    near = named(text, sentence, statement.verb) or named(text, range(len(text)), statement.verb)
    return near[0] if near else "unknown"
