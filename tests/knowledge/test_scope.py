import json
from collections import Counter
from pathlib import Path

import pytest

from knowledge.guides import load_guides
from knowledge.scope import Barred, barred, is_off_topic, is_official
from tests.knowledge.messages import messages

QUESTIONS = Path(__file__).parents[1] / "questions"
DANGER = frozenset((Barred.EMERGENCY, Barred.DESPAIR))


@pytest.mark.parametrize(
    ("section", "kinds", "least"),
    [
        ("emergency", DANGER, 0.93),
        ("despair", DANGER, 0.96),
        ("petition", {Barred.PETITION}, 0.85),
        ("questions about such things", {None}, 0.99),
    ],
)
def test_most_messages_of_each_kind_are_told_from_the_others(
    section: str, kinds: frozenset[Barred | None], least: float
) -> None:
    found = {one: barred(one) for one in messages(section)}

    missed = {one: kind for one, kind in found.items() if kind not in kinds}
    assert len(missed) <= (1 - least) * len(found), missed


def test_the_one_in_despair_is_told_from_those_who_fear_for_somebody() -> None:
    of_their_own = Counter(map(barred, messages("despair")))
    of_others = Counter(map(barred, messages("emergency")))

    assert of_their_own[Barred.DESPAIR] > 0.95 * of_their_own.total()
    assert of_others[Barred.DESPAIR] < 0.04 * of_others.total()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("着火了！快来", Barred.EMERGENCY),
        ("有人要跳楼", Barred.EMERGENCY),
        ("煤气泄漏了", Barred.EMERGENCY),
        ("有人家暴我", Barred.EMERGENCY),
        ("煤气中毒了", Barred.EMERGENCY),
        ("孩子丢了", Barred.EMERGENCY),
        ("我妈走丢了，到处找不到", Barred.EMERGENCY),
        ("孩子掉河里了，去年也掉过", Barred.EMERGENCY),
        ("家里着火了，煤气公司的电话在哪里查", Barred.EMERGENCY),
        ("有人要跳楼，申请了也没人管", Barred.EMERGENCY),
        ("查一下我老婆的手机定位", Barred.PRIVACY),
        ("怎么查别人的开房记录", Barred.PRIVACY),
        ("给我张三的身份证号", Barred.PRIVACY),
        ("查我前夫的银行流水", Barred.PRIVACY),
        ("教我怎么伪造公章", Barred.ILLEGAL),
        ("隔壁半夜施工吵死了", Barred.GRIEVANCE),
        ("路灯坏了好几天没人修", Barred.GRIEVANCE),
        ("我要上访", Barred.PETITION),
        ("给省长写信寄到哪里", Barred.PETITION),
        ("村支书把集体的地卖了，我要举报他", Barred.PETITION),
        ("反映了八年没有一个部门解决", Barred.PETITION),
    ],
)
def test_what_is_not_to_be_looked_up_is_barred(text: str, kind: Barred) -> None:
    assert barred(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "我不想活了",
        "不想活了，征地不给我钱",
        "我不想活了，征地补偿款不给我",
        "我要跳楼，申请一年没人管",
        "我要從樓上跳下去",
        "我要从你们楼上跳下去",
        "我想死",
        "活不下去了",
        "轻生",
        "喝农药了",
        "再不解决我就喝农药",
        "我要杀了村长",
        "再不公开我就去炸政府",
        "补偿标准不公，我就自焚",
    ],
)
def test_despair_and_threats_are_heard_whatever_else_is_said(text: str) -> None:
    assert barred(text) is Barred.DESPAIR


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
        "去年火灾的调查报告在哪看",
        "去年我家着火了，火灾认定书在哪看",
        "农药残留抽检结果",
        "跳楼事件调查报告",
        "我想看跳楼事件的调查报告",
        "家暴告诫书能公开吗",
        "反家暴政策",
        "食物中毒事件的调查结果公布了吗",
        "企业活不下去了有什么扶持政策",
        "我想砍自家的树要办许可吗",
        "我想知道死亡证明怎么开",
        "孩子的出生证丢了怎么补",
        "自杀预防政策在哪看",
        "交了申请半年了，就想问问什么时候答复",
        "不想活动场地被占用",
        "信访和信息公开有什么区别",
        "信访工作条例在哪公布",
        "家暴统计数据公开吗",
        "事故伤亡名单能申请吗",
    ],
)
def test_questions_about_such_things_are_not_barred(text: str) -> None:
    assert barred(text) is None


def test_hardly_any_phrasing_of_a_guide_that_answers_is_barred() -> None:
    sending = {"REFERRED_EMERGENCY", "REFERRED_PETITION", "REFERRED_12345"}
    texts = [
        (guide.outcome, text)
        for guide in load_guides()
        if guide.outcome not in sending
        for text in (guide.title, *guide.phrasings)
    ]
    found = {text: kind for _, text in texts if (kind := barred(text)) is not None}
    ours = ("ANSWERED_KB", "REFERRED_PUBLISHED")
    answered = {text for outcome, text in texts if outcome in ours}

    assert len(found) < 0.01 * len(texts), found
    frightened = {text for text in answered if found.get(text) in DANGER}
    assert len(frightened) < 0.002 * len(answered), frightened


def test_hardly_any_development_question_is_barred_that_is_not_about_where_to_complain() -> None:
    lines = (QUESTIONS / "in_scope_development.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    others = [row["query"] for row in rows if not {"I01", "I03", "I04"} & set(row["relevant"])]
    found = {query: kind for query in others if (kind := barred(query)) is not None}

    assert len(found) < 0.005 * len(others), found
    assert not DANGER & set(found.values()), found


@pytest.mark.parametrize(
    ("group", "kinds"), [("emergency", DANGER), ("near_petition", frozenset(Barred))]
)
def test_most_near_misses_of_these_groups_are_barred(group: str, kinds: frozenset[Barred]) -> None:
    path = QUESTIONS / "out_of_scope_development.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    queries = [row["query"] for row in rows if row["group"] == group]
    missed = [query for query in queries if barred(query) not in kinds]

    assert len(missed) <= 0.15 * len(queries), missed


@pytest.mark.parametrize(
    "text", ["今天股票怎么样", "讲个笑话", "帮我点外卖", "明天天气", "写篇作文"]
)
def test_what_no_office_deals_with_is_off_topic(text: str) -> None:
    assert is_off_topic(text)


def test_a_word_of_latin_letters_is_not_found_within_pinyin() -> None:
    assert is_off_topic("nba什么时候开赛")
    assert not is_off_topic("nianbao zai nali kan")


@pytest.mark.parametrize(
    "text", ["电影票价政策文件", "气象部门的天气数据公开吗", "申请公开收费吗"]
)
def test_official_words_make_it_a_matter_of_ours(text: str) -> None:
    assert not is_off_topic(text)
    assert is_official(text)
