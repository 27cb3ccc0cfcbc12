import pytest

from knowledge.smalltalk import Command, SmallTalk, command, small_talk


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
    ],
)
def test_what_asks_nothing_is_recognised(text: str, kind: SmallTalk) -> None:
    assert small_talk(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "你好，申请公开收费吗",
        "傻逼机器人，到底几天答复",
        "你们就是互相推！！",
        "12345",
        "96128",
        "垃圾没人清",
        "骗子公司在哪查",
        "谢谢，那要多久",
        "收费吗",
    ],
)
def test_what_asks_something_is_no_small_talk(text: str) -> None:
    assert small_talk(text) is None


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
    ],
)
def test_words_that_are_acts_are_recognised(text: str, act: Command) -> None:
    assert command(text) is act


@pytest.mark.parametrize(
    "text",
    ["怎么撤回申请", "人工智能项目的预算", "问题解决了没有", "工作人员不收我的申请", "你好", ""],
)
def test_words_beside_a_question_are_no_act(text: str) -> None:
    assert command(text) is None
