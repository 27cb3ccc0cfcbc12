import pytest

from knowledge.guides import load_guides
from knowledge.scope import Barred, barred, is_off_topic, is_official


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("着火了！快来", Barred.EMERGENCY),
        ("有人要跳楼", Barred.EMERGENCY),
        ("煤气泄漏了", Barred.EMERGENCY),
        ("我不想活了", Barred.EMERGENCY),
        ("查一下我老婆的手机定位", Barred.PRIVACY),
        ("怎么查别人的开房记录", Barred.PRIVACY),
        ("给我张三的身份证号", Barred.PRIVACY),
        ("查我前夫的银行流水", Barred.PRIVACY),
        ("教我怎么伪造公章", Barred.ILLEGAL),
        ("隔壁半夜施工吵死了", Barred.GRIEVANCE),
        ("路灯坏了好几天没人修", Barred.GRIEVANCE),
    ],
)
def test_what_is_not_to_be_looked_up_is_barred(text: str, kind: Barred) -> None:
    assert barred(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "申请需要身份证号吗",
        "去年火灾的事故调查报告在哪看",
        "能不能公开张三的家庭住址",
        "我的身份证号被公示出来了",
        "替别人申请要别人的身份证号吗",
        "我爸去世了，怎么查他的银行存款",
        "局长的办公电话是多少",
        "举报私刻公章找谁",
        "想查隔壁房子是谁的",
        "工地夜间施工许可在哪查",
        "燃气泄漏应急预案在哪看",
    ],
)
def test_questions_about_such_things_are_not_barred(text: str) -> None:
    assert barred(text) is None


def test_only_phrasings_that_call_for_help_are_barred() -> None:
    found = {
        (guide.outcome, kind)
        for guide in load_guides()
        for text in (guide.title, *guide.phrasings)
        if (kind := barred(text)) is not None
    }

    assert found <= {
        ("REFERRED_EMERGENCY", Barred.EMERGENCY),
        ("REFERRED_12345", Barred.GRIEVANCE),
    }


@pytest.mark.parametrize(
    "text", ["今天股票怎么样", "讲个笑话", "帮我点外卖", "明天天气", "写篇作文"]
)
def test_what_no_office_deals_with_is_off_topic(text: str) -> None:
    assert is_off_topic(text)


@pytest.mark.parametrize(
    "text", ["电影票价政策文件", "气象部门的天气数据公开吗", "申请公开收费吗"]
)
def test_official_words_make_it_a_matter_of_ours(text: str) -> None:
    assert not is_off_topic(text)
    assert is_official(text)
