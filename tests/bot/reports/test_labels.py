from bot.desk.channels import Channel, registry
from bot.desk.outcomes import INVALID, OUTCOMES
from bot.reports.labels import UNKNOWN, make_labels
from tests.bot.reports.logbook import GUIDES, LABELS, OFFICE


def test_channels_are_listed_under_what_they_are_counted_as() -> None:
    assert LABELS.counted_as["terminal"] == "other"
    assert "terminal" not in LABELS.channels
    assert LABELS.channels["other"] == "其他"


def test_a_connected_channel_is_counted_without_a_line_of_code_here() -> None:
    channels = registry([Channel("wechat", "微信", "wechat")])
    labels = make_labels(channels, guides=GUIDES, office=OFFICE)

    assert labels.label("channel", "wechat") == "微信"


def test_every_outcome_but_invalid_is_listed_in_its_order() -> None:
    assert [*LABELS.known("outcome"), INVALID] == list(OUTCOMES)


def test_keys_are_called_by_their_names() -> None:
    assert LABELS.label("topic", "A01") == "什么是政府信息"
    assert LABELS.label("region", "langu") == "岚谷县"
    assert LABELS.label("agency", "finance") == OFFICE.agencies["finance"].name
    assert LABELS.label("month", "2026-03") == "2026年3月"
    assert LABELS.label("bridge", "help") == "性质为求助"
    assert LABELS.label("bridge", UNKNOWN) == "性质为未知"


def test_what_is_in_no_list_is_its_own_name_and_unknown_is_said() -> None:
    assert LABELS.label("topic", "Z99") == "Z99"
    assert LABELS.label("region", "某乡") == "某乡"
    assert LABELS.label("topic", UNKNOWN) == "未知"
