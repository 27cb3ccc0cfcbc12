"""Labels: what staff read for the log's codes."""

from bot.desk.outcomes import OPEN_STATES, outcome_label

EVENTS = {
    "asked": "提问",
    "added": "补充",
    "said": "寒暄",
    "chosen": "选择",
    "solved": "解决了",
    "unsolved": "没解决",
    "withdrawn": "撤回",
    "escalated": "转人工",
    "asked_status": "问进度",
    "rated": "评价",
    "closed": "自动办结",
    "replied": "工作人员答复",
    "drafted": "起草答复",
    "draft_dropped": "放弃草稿",
    "undeliverable": "送不到",
}
DECISIONS = {
    "answer": "答复",
    "clarify": "反问",
    "hand_over": "转人工",
    "refer": "引导",
    "decline": "不受理",
}
ACTORS = {"citizen": "公民", "bot": "机器人", "timer": "自动"}


def event_label(kind: str) -> str:
    """What happened, in a word."""
    return EVENTS.get(kind, kind)


def actor_label(actor: str, names: dict[int, str]) -> str:
    """Who did it; ``names`` are the staff's by id."""
    kind, _, number = actor.partition(":")
    if kind == "staff" and number.isdigit():
        return names.get(int(number), "工作人员")
    return ACTORS.get(actor, actor)


def state_label(state: str, outcome: str | None) -> str:
    """Where a consultation stands, its outcome once it is closed."""
    return OPEN_STATES.get(state) or outcome_label(outcome)
