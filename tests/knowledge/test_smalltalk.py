import pytest

from knowledge.smalltalk import (
    Aside,
    Command,
    SmallTalk,
    aside,
    command,
    is_settled,
    picked,
    says_more,
    small_talk,
)
from tests.knowledge.messages import messages


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("你好", SmallTalk.GREETING),
        ("您好，在吗？", SmallTalk.GREETING),
        ("/start", SmallTalk.GREETING),
        ("谢谢！", SmallTalk.THANKS),
        ("好的，谢谢您啊", SmallTalk.THANKS),
        ("謝謝", SmallTalk.THANKS),
        ("谢谢，再见", SmallTalk.THANKS),
        ("再见", SmallTalk.FAREWELL),
        ("😀👍", SmallTalk.EMOJI),
        ("[微笑]", SmallTalk.EMOJI),
        ("", SmallTalk.BLANK),
        ("   ", SmallTalk.BLANK),
        ("？？？", SmallTalk.BLANK),
        ("测试一下", SmallTalk.TEST),
        ("111", SmallTalk.TEST),
        ("傻逼", SmallTalk.ABUSE),
        ("你们这群废物", SmallTalk.ABUSE),
        ("你们就是互相推！！", SmallTalk.ABUSE),
        ("踢皮球！没一个管用的", SmallTalk.ABUSE),
        ("你们到底管不管事啊，气死我了", SmallTalk.ABUSE),
        ("你好你好", SmallTalk.GREETING),
        ("你到底是真人还是机器人", SmallTalk.GREETING),
        ("侬好呀，今朝天气老好", SmallTalk.GREETING),
        ("ni hao ya", SmallTalk.GREETING),
        ("祝你新年快乐", SmallTalk.GREETING),
        ("谢谢你啊，帮大忙了", SmallTalk.THANKS),
        ("服务态度真好，五星", SmallTalk.THANKS),
        ("下次再聊，拜拜", SmallTalk.FAREWELL),
        ("试一下能不能发出去", SmallTalk.TEST),
        ("不小心按到的，抱歉", SmallTalk.TEST),
        ("asdfghjkl", SmallTalk.TEST),
        ("sdfsdfsdf123", SmallTalk.TEST),
        ("0000000", SmallTalk.TEST),
        ("ㄅㄆㄇㄈ", SmallTalk.TEST),
        ("跟你说话等于对牛弹琴", SmallTalk.ABUSE),
        ("拿着纳税人的钱不办事", SmallTalk.ABUSE),
        ("今天心情不好", SmallTalk.CHAT),
        ("又和妈妈吵架了", SmallTalk.CHAT),
        ("哈哈哈", SmallTalk.CHAT),
    ],
)
def test_what_asks_nothing_is_recognised(text: str, kind: SmallTalk) -> None:
    assert small_talk(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "你好，申请公开收费吗",
        "傻逼机器人，到底几天答复",
        "你们就是互相推，我的征地批文三个月没答复",
        "有没有人",
        "12345",
        "96128",
        "垃圾没人清",
        "骗子公司在哪查",
        "谢谢，那要多久",
        "收费吗",
        "119",
        "zhengdi",
        "你是哪个部门",
        "你会查文件吗",
        "几点下班",
        "收到我的申请了吗",
        "点错了选项怎么改",
    ],
)
def test_what_asks_something_is_no_small_talk(text: str) -> None:
    assert small_talk(text) is None


def test_most_small_talk_is_told_from_questions() -> None:
    missed = [one for one in messages("small talk") if not small_talk(one) and not command(one)]
    taken = [one for one in messages("no small talk") if small_talk(one)]
    taken += [one for one in messages("questions about such things") if small_talk(one)]

    assert len(missed) < 0.03 * len(messages("small talk")), missed
    assert not taken


def test_no_call_for_help_is_small_talk() -> None:
    calls = (*messages("emergency"), *messages("despair"), *messages("petition"))
    taken = [one for one in calls if small_talk(one)]

    assert len(taken) < 0.01 * len(calls), taken


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("转人工", Command.WANTS_STAFF),
        ("我要找真人客服！", Command.WANTS_STAFF),
        ("轉人工", Command.WANTS_STAFF),
        ("解决了", Command.SOLVED),
        ("明白了，谢谢", Command.SOLVED),
        ("没解决", Command.UNSOLVED),
        ("不是这个意思", Command.UNSOLVED),
        ("都不是", Command.UNSOLVED),
        ("撤回咨询", Command.WITHDRAW),
        ("不问了", Command.WITHDRAW),
        ("我要撤回咨询", Command.WITHDRAW),
        ("算了不问了", Command.WITHDRAW),
        ("没事了，不用了", Command.WITHDRAW),
        ("别跟我扯，找个人来", Command.WANTS_STAFF),
        ("我要跟人说话", Command.WANTS_STAFF),
        ("叫你们领导来", Command.WANTS_STAFF),
        ("这个你们能不能帮我转人工处理", Command.WANTS_STAFF),
        ("别用机器人回答我", Command.WANTS_STAFF),
        ("有没有人", Command.WANTS_STAFF),
        ("转人工，我想问征地补偿款为什么没到账", Command.WANTS_STAFF),
        ("征地补偿款为什么没到账？轉人工", Command.WANTS_STAFF),
    ],
)
def test_words_that_are_acts_are_recognised(text: str, act: Command) -> None:
    assert command(text) is act


@pytest.mark.parametrize(
    "text",
    [
        "转人工要等多久",
        "你们领导是谁",
        "找领导签字，要多久",
        "撤回",
        "取消",
        "怎么撤回申请",
        "人工智能项目的预算",
        "问题解决了没有",
        "工作人员不收我的申请",
        "你好",
        "",
    ],
)
def test_words_beside_a_question_are_no_act(text: str) -> None:
    assert command(text) is None


@pytest.mark.parametrize(
    ("text", "more"),
    [("转人工", False), ("别跟我扯，找个人来", False), ("转人工，我想问征地补偿款", True)],
)
def test_whoever_asks_for_a_person_may_say_what_about(text: str, more: bool) -> None:
    assert says_more(text) is more


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("撤回", Aside.DROPS),
        ("取消吧", Aside.DROPS),
        ("怎么取消申请", None),
        ("补充一下，是征地的事", Aside.ADDS),
        ("我再补充一点，地是2019年征的", Aside.ADDS),
        ("补充：地是2019年征的", Aside.ADDS),
        ("補充：地是2019年徵的", Aside.ADDS),
        ("补充材料要几天", None),
        ("还要多久", Aside.PROGRESS),
        ("怎么还没人", Aside.PROGRESS),
        ("前面还有几个", Aside.PROGRESS),
        ("公开要多久", None),
        ("", None),
    ],
)
def test_words_that_lean_on_an_open_matter_are_recognised(text: str, kind: Aside | None) -> None:
    assert aside(text) is kind


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", 2),
        ("第二个", 2),
        ("第一个", 1),
        ("选2", 2),
        ("２", 2),
        ("12", None),
        ("都不是", None),
    ],
)
def test_a_choice_may_be_named_by_its_number(text: str, number: int | None) -> None:
    assert picked(text) == number


def test_understanding_is_not_yet_settling() -> None:
    assert is_settled("解决了，谢谢")
    assert not is_settled("知道了")
