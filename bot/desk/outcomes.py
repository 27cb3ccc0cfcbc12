"""The exclusive final states and open states of a consultation: one dictionary for all uses."""

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """What an outcome counts as in the figures; the value is the label."""

    ANSWERED = "答复"
    REFERRED = "引导"
    REFERRED_ELSEWHERE = "引导（非信息公开）"
    UNANSWERED = "未答"
    OTHER = "其他"
    INVALID = "无效"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One final state: its code in the log, its label for people, its family in the figures."""

    code: str
    label: str
    family: Family


OUTCOMES: dict[str, Outcome] = {
    outcome.code: outcome
    for outcome in (
        Outcome("ANSWERED_KB", "知识库直接答复", Family.ANSWERED),
        Outcome("ANSWERED_STAFF", "工作人员答复", Family.ANSWERED),
        Outcome("ANSWERED_AGENCY", "部门答复", Family.ANSWERED),
        Outcome("REFERRED_PUBLISHED", "引导查阅已主动公开的信息", Family.REFERRED),
        Outcome("REFERRED_APPLICATION", "引导依申请公开", Family.REFERRED),
        Outcome("REFERRED_AGENCY", "不属本机关，告知负责机关", Family.REFERRED),
        Outcome("REFERRED_12345", "诉求、投诉，引导12345", Family.REFERRED_ELSEWHERE),
        Outcome("REFERRED_PETITION", "引导信访", Family.REFERRED_ELSEWHERE),
        Outcome("REFERRED_BUSINESS", "个人业务查询、办事", Family.REFERRED_ELSEWHERE),
        Outcome("REFERRED_LEGAL_AID", "引导法律援助、公证、律师", Family.REFERRED_ELSEWHERE),
        Outcome("REFERRED_EMERGENCY", "紧急，引导110/119/120/122", Family.REFERRED_ELSEWHERE),
        Outcome("OUT_OF_SCOPE", "与政务无关", Family.UNANSWERED),
        Outcome("REJECTED", "涉密、违法、刺探他人隐私", Family.UNANSWERED),
        Outcome("DUPLICATE", "同人同事项已答", Family.OTHER),
        Outcome("ABANDONED", "等公民补充、逾期未应", Family.OTHER),
        Outcome("WITHDRAWN", "公民撤回", Family.OTHER),
        Outcome("UNDELIVERABLE", "答复送不到", Family.OTHER),
        Outcome("INVALID", "无效（不计入咨询）", Family.INVALID),
    )
}
"""Every outcome by code, in the order in which reports print them."""

INVALID = "INVALID"
CLOSED = "CLOSED"

OPEN_STATES: dict[str, str] = {
    "OPEN_BOT": "等公民回应机器人",
    "OPEN_QUEUE": "待认领",
    "OPEN_STAFF": "工作人员办理中",
    "TRANSFERRED": "已转部门",
    "WAITING_CITIZEN": "等公民补充",
    "EXTENDED": "已延期",
}
"""The states of a consultation that is not closed, with their labels."""

OWNER_OF_STATE: dict[str, str] = {
    "OPEN_BOT": "bot",
    "OPEN_QUEUE": "queue",
    "OPEN_STAFF": "person",
    "TRANSFERRED": "agency",
    "WAITING_CITIZEN": "citizen",
    "EXTENDED": "person",
    CLOSED: "closed",
}
"""Who must do the next thing in each state."""


LABELS: dict[str, str] = {
    "clarified": "已澄清",
    "after_hours": "非工作时间",
    "confirmed": "公民确认已解决",
    "unsolved": "公民说没解决",
    "escalated": "公民要求转人工",
    "transferred": "已转办",
    "overdue": "逾期",
    "extended": "已延期",
    "reopened": "重开",
    "redone": "二次办理",
    "rated": "已评价",
    "corrected": "已更正",
    "undeliverable": "答复送不到",
}
"""What a consultation can be marked with, any number at once (标签)."""


def outcome_label(code: str | None) -> str:
    """The outcome's label for people; an open consultation's is 在办."""
    return "在办" if code is None else OUTCOMES[code].label
