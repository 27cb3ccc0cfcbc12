"""What Zixun says: every sentence that a citizen reads, made from a reply's data.

The order, length and manner are those of a careful clerk: the fact first, the law after it, what
to do next, and that this is a consultation. A channel decides how sections and buttons look.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.desk.calendar import WorkingCalendar
from bot.desk.inquiries import ReplyKind
from bot.desk.keys import Keys
from bot.desk.outcomes import outcome_label
from bot.desk.ratings import OFFERED, RATINGS
from bot.desk.receipts import show_receipt
from bot.desk.shelf import Shelf
from bot.store.outbox import Outgoing
from handlers.days import day_words, if_filed, if_filed_today, moment_words
from handlers.quotations import Quotation, basis_line, quotations
from handlers.sentences import DECLINED, MASKED, MEDIA, SMALL_TALK, STATES, WITHDRAWN
from knowledge.office import Office
from knowledge.text import to_traditional

NOT_AN_APPLICATION = "这里是咨询，不是正式申请，不计算期限。"
KEEPS_MESSAGES = frozenset({"telegram"})
"""Channels in which the citizen's own message stays as it was written."""
DEADLINE_GUIDE = "C01"
MOST_FREQUENT = ("B01", "C01", "H01")
"""The three ways in that a greeting is answered with: how to apply, how long, where to look."""

_CIRCLED = "①②③④⑤"


@dataclass(frozen=True, slots=True)
class Button:
    """Something to tap: ``act`` is what it does, e.g. ``choose:C01``, ``escalate``, ``form:…``."""

    label: str
    act: str


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of what is said.

    ``role`` is text, answer, heading, step, understood, basis or note.
    """

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """What is said, ready for a channel to lay out."""

    sections: tuple[Section, ...]
    buttons: tuple[Button, ...] = ()

    def plain(self) -> str:
        """All of it as plain text, a blank line between pieces of different kinds."""
        return "\n\n".join(section.text for section in self.sections)


class Speaker:
    """Puts replies into words for citizens, with this office's facts."""

    def __init__(
        self, *, office: Office, shelf: Shelf, calendar: WorkingCalendar, keys: Keys
    ) -> None:
        self.office = office
        self._shelf = shelf
        self._calendar = calendar
        self._keys = keys

    def answers(self, values: Mapping[str, Any], *, on: date) -> tuple[Quotation, ...]:
        """The answers that a reply's values name, filled with the office's facts of that day."""
        return quotations(values, shelf=self._shelf, office=self.office, on=on)

    def title(self, guide_id: str) -> str:
        """The guide's title as a choice shows it."""
        guide = self._shelf.today.get(guide_id)
        return guide_id if guide is None else guide.title

    def say(self, outgoing: Outgoing, *, text: str | None = None) -> Words:
        """The words of one reply; ``text`` is what a person wrote, for replies that carry it."""
        values = outgoing.values
        at = outgoing.not_before.astimezone(self.office.zone)
        sections: list[Section] = []
        if values.get("masked"):
            sections.append(Section("note", _masked_note(values["masked"], outgoing.channel)))
        said, buttons = self._body(outgoing, values=values, at=at, text=text)
        sections.extend(said)
        if values.get("traditional"):
            sections = [
                section
                if section.role == "basis"
                else Section(section.role, to_traditional(section.text))
                for section in sections
            ]
            buttons = [Button(to_traditional(button.label), button.act) for button in buttons]
        return Words(tuple(sections), tuple(buttons))

    def frequent(self) -> list[Button]:
        """Buttons of the three guides that most people need."""
        return [
            Button(self.title(guide_id), f"guide:{guide_id}")
            for guide_id in MOST_FREQUENT
            if guide_id in self._shelf.today
        ]

    def hours_today(self, day: date) -> str:
        """Today's office hours in words, or that the office rests today."""
        if not self._calendar.is_working(day):
            return f"今天是{self._calendar.why(day)}，不办公；{self.office.hours_text()}"
        return "今天" + "，".join(str(opening) for opening in self.office.hours_on(day))

    def _body(
        self, outgoing: Outgoing, *, values: Mapping[str, Any], at: datetime, text: str | None
    ) -> tuple[list[Section], list[Button]]:
        day = at.date()
        match outgoing.kind:
            case ReplyKind.ANSWER | ReplyKind.REFERRED:
                return self._answered(values, on=day, referred=outgoing.kind == ReplyKind.REFERRED)
            case ReplyKind.CLARIFY:
                return self._clarify(values)
            case ReplyKind.NO_CONFIDENCE:
                return (
                    [Section("text", f"我没有把握回答，不想给您错的答案。可以换个说法再问，"
                                     f"也可以转给工作人员。{self._when_staff_answer(at)}")],
                    [Button("转人工", "escalate")],
                )  # fmt: skip
            case ReplyKind.HANDED_OVER:
                return self._handed_over(outgoing, values=values, on=day, text=text)
            case ReplyKind.DECLINED:
                why = values.get("why", "off_topic")
                return [Section("text", DECLINED.get(why, DECLINED["off_topic"]))], [
                    Button("转人工", "escalate")
                ]
            case ReplyKind.SMALL_TALK:
                kind = values.get("kind", "greeting")
                sentence = SMALL_TALK.get(kind, SMALL_TALK["greeting"])
                buttons = [] if kind == "farewell" else self.frequent()
                return [Section("text", sentence)], [*buttons, Button("转人工", "escalate")]
            case ReplyKind.ADDED:
                return [
                    Section(
                        "text", "已补充到这件咨询里，工作人员会看到。现在由人回答您，我先不插话。"
                    )
                ], []
            case ReplyKind.UNSOLVED:
                return (
                    [
                        Section(
                            "text",
                            "抱歉没有帮上。请换个说法再问一次，或者按“转人工”，由工作人员回您。",
                        )
                    ],
                    [Button("转人工", "escalate")],
                )
            case ReplyKind.SOLVED:
                return [Section("text", "好的，这件咨询办结了。这次答复您满意吗？")], _ratings()
            case ReplyKind.SILENT_CLOSE:
                return (
                    [
                        Section(
                            "text",
                            "一天没有收到您的补充，这件咨询先办结了。还想问，直接再说就行。",
                        )
                    ],
                    [],
                )
            case ReplyKind.RATED:
                return [Section("text", "谢谢您的评价。还有问题可以直接接着说。")], []
            case ReplyKind.WITHDRAWN:
                return [Section("text", WITHDRAWN[values.get("why", "")])], []
            case ReplyKind.STATUS:
                return self._status(outgoing, values=values)
            case ReplyKind.CANNOT_READ:
                return self._cannot_read(values, on=day)
            case ReplyKind.EXPIRED_CHOICE:
                return [Section("text", "这个选项已经过期了。请把问题再说一遍。")], []
            case ReplyKind.STAFF_REPLY:
                return self._staff_reply(text)
        raise ValueError(f"{outgoing.kind} is not said to citizens")

    def _answered(
        self, values: Mapping[str, Any], *, on: date, referred: bool
    ) -> tuple[list[Section], list[Button]]:
        answers = self.answers(values, on=on)
        several = len(answers) > 1
        sections: list[Section] = []
        duplicate = values.get("duplicate_of")
        if duplicate:
            before = f"这件事您之前问过（受理编号 {show_receipt(duplicate)}）。"
            sections.append(Section("text", before))
        for number, answer in enumerate(answers):
            mark = f"{_CIRCLED[number]} {answer.guide_title}：" if several else ""
            filing = values.get("filing") if number == 0 else None
            if filing:
                # Their own day was asked for: it comes before the rule it follows from.
                sections.extend(self._days(filing, on=on))
            sections.append(Section("answer", f"{mark}{answer.text}"))
            if answer.guide_id == DEADLINE_GUIDE and not filing:
                sections.extend(self._days(None, on=on))
            # Its next step asks for the day that they have just given.
            if answer.next_step and not filing and (not several or number == 0):
                sections.append(Section("step", answer.next_step))
            if not several:
                # With several answers each has its guide's title in front.
                sections.extend(_understood(answer))
            sections.append(Section("basis", basis_line(answer)))
        if not referred:
            sections.append(Section("note", NOT_AN_APPLICATION))
        choices = [
            Button(self.title(guide_id), f"choose:{guide_id}")
            for guide_id in values.get("choices", ())
        ]
        if choices:
            sections.append(Section("text", "另外，您是不是还想问："))
        forms = list(dict.fromkeys(form for answer in answers for form in answer.forms))
        buttons = choices + [
            Button(f"下载{self.office.forms[key].title}", f"form:{key}")
            for key in forms
            if key in self.office.forms
        ]
        buttons += [Button("解决了", "solved")] if not referred else []
        return sections, [*buttons, Button("没解决", "unsolved"), Button("转人工", "escalate")]

    def _clarify(self, values: Mapping[str, Any]) -> tuple[list[Section], list[Button]]:
        choices = [
            Button(self.title(guide_id), f"choose:{guide_id}") for guide_id in values["choices"]
        ]
        sentence = (
            "您想问的是哪一件事？"
            if choices
            else "请再说具体一点：想问哪一类信息、哪个机关、哪件事？"
        )
        if values.get("why") == "unclear_day":
            sentence = "我没看懂是哪一天，请写成“11月3号寄到”这样。"
        buttons = [*choices, Button("都不是", "choose:none")] if choices else []
        return [Section("text", sentence)], [*buttons, Button("转人工", "escalate")]

    def _handed_over(
        self, outgoing: Outgoing, *, values: Mapping[str, Any], on: date, text: str | None
    ) -> tuple[list[Section], list[Button]]:
        sections = []
        for answer in self.answers(values, on=on):
            sections.append(Section("answer", answer.text))
            sections.extend(_understood(answer))
            sections.append(Section("basis", basis_line(answer)))
        if sections:
            places = values.get("open_places", ()) if text else ()
            parts = "、".join(f"“{(text or '')[start:end]}”" for start, end in places)
            rest = parts or "其余的"
            sections.append(Section("text", f"{rest}我没有把握，转给工作人员回答您。"))
        elif values.get("why") == "unsure":
            sections.append(
                Section("text", "这个我没有把握回答，不想给您错的答案，已经转给工作人员。")
            )
        code = self._keys.retrieval_code(outgoing.receipt)
        ahead = values.get("ahead", 0)
        place = f"前面还有 {ahead} 件。" if ahead else ""
        due = moment_words(values.get("due_at"), zone=self.office.zone)
        sections.append(
            Section(
                "text",
                f"已登记，受理编号 {show_receipt(outgoing.receipt)}，查询码 {code}"
                f"（请记下来，打电话也能报）。{place}"
                f"本机关服务承诺：{due} 前有工作人员回您。",
            )
        )
        sections.append(
            Section("note", f"工作人员接手后由人回答您，我先不插话。{NOT_AN_APPLICATION}")
        )
        return sections, [Button("办到哪了", "status")]

    def _status(
        self, outgoing: Outgoing, *, values: Mapping[str, Any]
    ) -> tuple[list[Section], list[Button]]:
        state = values.get("state", "")
        where = STATES.get(state) or f"已办结（{outcome_label(values.get('outcome'))}）"
        ahead = f"前面还有 {values['ahead']} 件。" if values.get("ahead") else ""
        due = ""
        if values.get("due_at") and state not in ("CLOSED", "OPEN_BOT"):
            due = (
                f"本机关服务承诺：{moment_words(values['due_at'], zone=self.office.zone)} 前答复。"
            )
        number = show_receipt(outgoing.receipt)
        return [Section("text", f"受理编号 {number}：{where}。{ahead}{due}")], []

    def _cannot_read(
        self, values: Mapping[str, Any], *, on: date
    ) -> tuple[list[Section], list[Button]]:
        medium = MEDIA.get(values.get("medium", "other"), MEDIA["other"])
        office = self.office
        return (
            [
                Section(
                    "text",
                    f"这里看不了{medium}，也没有存下来。请用文字说，或者打 {office.phone}"
                    f"（{self.hours_today(on)}），也可以来{office.address}。证件照片请不要发。",
                )
            ],
            [Button("转人工", "escalate")],
        )

    def _staff_reply(self, text: str | None) -> tuple[list[Section], list[Button]]:
        return (
            [
                Section("note", f"工作人员（{self.office.unit}）："),
                Section("answer", text or "（这条答复已按规定删除）"),
                Section("text", "这次答复对您有帮助吗？还有问题可以直接接着说。"),
            ],
            [*_ratings(), Button("没解决", "unsolved")],
        )

    def _days(self, filing: Mapping[str, Any] | None, *, on: date) -> list[Section]:
        """The last day for an application filed on the day the citizen gave, else today."""
        if filing is None:
            return [Section("text", if_filed_today(on, calendar=self._calendar))]
        last, count = if_filed(filing, today=on, calendar=self._calendar)
        return [Section("text", last), *([Section("note", count)] if count else [])]

    def _when_staff_answer(self, at: datetime) -> str:
        day = at.date()
        working = self._calendar.is_working(day)
        opens, closes = self.office.opening_time(day), self.office.closing_time(day)
        if working and opens <= at.time() < closes:
            return ""
        next_day = self._calendar.next_working_day(day)
        closing = self.office.closing_time(next_day)
        return (
            f"现在不是办公时间：按“转人工”后登记，下一个工作日（{day_words(next_day)}）"
            f"{closing:%H:%M} 前有工作人员回您。"
        )


def _masked_note(kinds: Sequence[str], channel: str) -> str:
    names = "、".join(MASKED.get(kind, "个人信息") for kind in kinds)
    # A page of ours shows the masked text; in a messenger their own message is still there.
    theirs = "；您聊天窗口里的那条请自己删掉" if channel in KEEPS_MESSAGES else ""
    return f"{names}已经遮盖，没有存下来{theirs}。"


def _understood(quotation: Quotation) -> list[Section]:
    """How the question was understood, unless it was asked in just those words."""
    if quotation.understood_as is None or quotation.is_literal:
        return []
    return [Section("understood", quotation.understood_as)]


def _ratings() -> list[Button]:
    return [Button(RATINGS[code], f"rate:{code}") for code in OFFERED]
