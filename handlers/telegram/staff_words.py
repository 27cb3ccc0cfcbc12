"""What the staff group reads: escalations, drafts to confirm, and what became of a reply."""

from bot.desk.channels import KNOWN, Parcel
from bot.desk.inquiries import ReplyKind
from bot.desk.parcels import MAY_GO_ABROAD
from bot.desk.receipts import show_receipt
from handlers.days import moment_words
from handlers.replies import Button, Section, Speaker, Words

LONGEST_QUOTE = 3_000
"""Characters of a citizen's words in one message of the group, which must stay one message."""

_CHANNELS = {channel.code: channel.label for channel in KNOWN}
_NOTICES = {
    "sent": "答复已经提交，正在发给咨询人。",
    "dropped": "答复已取消，没有发给咨询人。",
    "undeliverable": "答复送不到咨询人（对方停用或屏蔽了机器人，或者已删除联系方式），"
    "请用别的方式联系，或者等对方凭受理编号来取。",
}


def say(parcel: Parcel, *, speaker: Speaker, public_url: str | None) -> Words:
    """The words of one reply to the staff's side.

    ``parcel.text`` is there only where the law lets the citizen's words go to the group; else the
    console, with a link if the web side's ``public_url`` is known, stands in their place.
    """
    match parcel.outgoing.kind:
        case ReplyKind.ESCALATION:
            return _escalation(parcel, speaker=speaker, public_url=public_url)
        case ReplyKind.DRAFT:
            return _draft(parcel)
        case ReplyKind.STAFF_NOTICE:
            what = str(parcel.outgoing.values.get("what"))
            return Words((_head("通知", parcel), Section("text", _NOTICES.get(what, what))))
    raise ValueError(f"{parcel.outgoing.kind} is not said to staff")


def _escalation(parcel: Parcel, *, speaker: Speaker, public_url: str | None) -> Words:
    consultation, values = parcel.consultation, parcel.outgoing.values
    topic = "未识别" if consultation.topic is None else speaker.title(consultation.topic)
    facts = [
        f"渠道：{_CHANNELS.get(consultation.channel, consultation.channel)}",
        f"主题：{topic}",
    ]
    if consultation.due_at is not None:
        due = moment_words(consultation.due_at.isoformat(), zone=speaker.office.zone)
        facts.append(f"期限：{due} 前答复")
    if values.get("masked"):
        facts.append("补充里的个人信息已经遮盖")
    return Words(
        (
            _head("补充" if values.get("added") else "转人工", parcel),
            Section("text", "\n".join(facts)),
            Section("text", _quoted(parcel, public_url=public_url)),
            Section("note", "回复这一条就可以答复，发出前会请您确认。"),
        )
    )


def _quoted(parcel: Parcel, *, public_url: str | None) -> str:
    console = "" if public_url is None else f"：{public_url.rstrip('/')}/console"
    if parcel.text:
        text = parcel.text
        if len(text) > LONGEST_QUOTE:
            text = f"{text[:LONGEST_QUOTE]}……\n（太长，全文请在控制台查看{console}）"
        return f"原文：\n{text}"
    if parcel.consultation.channel in MAY_GO_ABROAD:
        return f"没有原文（只按了“转人工”，或者已按规定删除）。经过请在控制台查看{console}"
    return f"非 Telegram 渠道，原文请在控制台查看{console}"


def _draft(parcel: Parcel) -> Words:
    draft_id = parcel.outgoing.values["draft_id"]
    return Words(
        (
            _head("待确认", parcel),
            Section("text", "下面这段话要发给咨询人："),
            Section("answer", parcel.text or "（答复已按规定删除）"),
        ),
        (Button("发送", f"send:{draft_id}"), Button("取消", f"drop:{draft_id}")),
    )


def _head(what: str, parcel: Parcel) -> Section:
    return Section("heading", f"【{what}】{show_receipt(parcel.outgoing.receipt)}")
