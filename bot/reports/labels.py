"""What the keys of figures are called, and in which order they stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.desk.channels import Channel
from bot.desk.outcomes import INVALID, OUTCOMES
from bot.desk.ratings import RATINGS
from knowledge.guides import Guide
from knowledge.office import Office

UNKNOWN = "unknown"
"""The key of what nobody entered; it is counted and printed like any other."""

UNKNOWN_LABEL = "未知"

NATURES: Mapping[str, str] = {
    "inquiry": "咨询",
    "help": "求助",
    "suggestion": "建议",
    "complaint": "投诉",
    "report": "举报",
    "thanks": "表扬感谢",
    "other": "其他",
}
CALLERS: Mapping[str, str] = {
    "person": "自然人",
    "company": "商业企业",
    "research": "科研机构",
    "charity": "社会公益组织",
    "legal": "法律服务机构",
    "other": "其他",
}
WEEKDAYS: Mapping[str, str] = {
    str(number): f"星期{name}" for number, name in enumerate("一二三四五六日", start=1)
}
HOURS: Mapping[str, str] = {f"{hour:02d}": f"{hour}时" for hour in range(24)}
BALANCE: Mapping[str, str] = {
    "opening": "期初在办",
    "received": "本期受理",
    "closed": "本期办结",
}
DIMENSIONS: Mapping[str, str] = {
    "channel": "渠道",
    "topic": "主题",
    "nature": "性质",
    "region": "地区",
    "agency": "承办机构",
    "caller": "咨询人类型",
    "outcome": "结果",
    "hour": "受理时段",
    "weekday": "受理星期",
    "month": "月份",
    "rating": "评价",
    "bridge": "与接待总量的差",
    "balance": "在办平衡",
}
"""Every dimension's name."""

FINAL_OUTCOMES: Mapping[str, str] = {
    code: outcome.label for code, outcome in OUTCOMES.items() if code != INVALID
}
"""The outcomes that a consultation, as opposed to an invalid message, can have."""


@dataclass(frozen=True, slots=True)
class Labels:
    """The names of one installation's keys: its channels, its guides, its agencies."""

    channels: Mapping[str, str]
    """Statistics codes with their labels, in the registry's order."""
    counted_as: Mapping[str, str]
    """Channel code to the statistics code it is counted under."""
    topics: Mapping[str, str]
    regions: Mapping[str, str]
    agencies: Mapping[str, str]

    def known(self, dimension: str) -> Mapping[str, str]:
        """The keys that a dimension always lists, with their labels; empty if it is open."""
        return {
            "channel": self.channels,
            "nature": NATURES,
            "caller": CALLERS,
            "outcome": FINAL_OUTCOMES,
            "hour": HOURS,
            "weekday": WEEKDAYS,
            "rating": RATINGS,
            "balance": BALANCE,
        }.get(dimension, {})

    def label(self, dimension: str, key: str) -> str:
        """What people call that key; a name that is in no list (a retired topic) is itself."""
        if dimension == "bridge":
            nature = NATURES.get(key, UNKNOWN_LABEL if key == UNKNOWN else None)
            return FINAL_OUTCOMES.get(key, key) if nature is None else f"性质为{nature}"
        if key == UNKNOWN:
            return UNKNOWN_LABEL
        if dimension == "month":
            year, _, month = key.partition("-")
            return f"{year}年{int(month)}月"
        named = {"topic": self.topics, "region": self.regions, "agency": self.agencies}
        return (self.known(dimension) or named.get(dimension, {})).get(key, key)


def make_labels(
    channels: Mapping[str, Channel], *, guides: Iterable[Guide], office: Office
) -> Labels:
    """The names of this installation."""
    counted_as = {code: channel.statistics_code for code, channel in channels.items()}
    return Labels(
        channels={
            code: channels[code].label if code in channels else code
            for code in dict.fromkeys(counted_as.values())
        },
        counted_as=counted_as,
        topics={guide.id: guide.title for guide in guides},
        regions={key: county.name for key, county in office.counties.items()},
        agencies={key: agency.name for key, agency in office.agencies.items()},
    )
