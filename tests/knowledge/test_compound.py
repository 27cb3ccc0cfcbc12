import pytest

from knowledge.compound import split


def test_three_questions_at_once_are_taken_apart() -> None:
    assert split("在哪申请，要带什么，多少钱") == ("在哪申请", "要带什么", "多少钱")


def test_a_word_that_adds_a_question_parts_them() -> None:
    assert split("几天答复？还有收费吗") == ("几天答复", "收费吗")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("申请表在哪下载，交到哪个窗口", ("申请表在哪下载", "交到哪个窗口")),
        ("收费吗？收多少？怎么交？", ("收费吗", "收多少", "怎么交")),
        ("征地批文去哪查，补偿标准是多少", ("征地批文去哪查", "补偿标准是多少")),
        ("没收到答复找谁、怎么投诉", ("没收到答复找谁", "怎么投诉")),
        ("不给公开怎么办，去哪里告", ("不给公开怎么办", "去哪里告")),
        ("年报在哪看，谁都可以看吗", ("年报在哪看", "谁都可以看吗")),
        ("你们几点上班，中午休息不", ("你们几点上班", "中午休息不")),
        ("答复了没有？还要等几天？", ("答复了没有", "还要等几天")),
        ("要钱？多久？", ("要钱", "多久")),
        ("某某局是管什么的，在哪条街", ("某某局是管什么的", "在哪条街")),
    ],
)
def test_clauses_that_all_ask_are_questions_of_their_own(
    text: str, parts: tuple[str, ...]
) -> None:
    assert split(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("在哪申请 要不要钱", ("在哪申请", "要不要钱")),
        ("1.收费吗 2.多久答复", ("收费吗", "多久答复")),
        ("1、可以代办吗；2、要不要委托书", ("可以代办吗", "要不要委托书")),
        ("（1）申请表哪里领？（2）能网上交吗？", ("申请表哪里领", "能网上交吗")),
        ("第一，几天答复？第二，怎么收费？", ("几天答复", "怎么收费")),
        ("申請要多久？還有要收費嗎？", ("申請要多久", "要收費嗎")),
        ("网上能申请吗？另外邮寄的话寄到哪儿", ("网上能申请吗", "邮寄的话寄到哪儿")),
        ("申请表在哪里下载以及填好后寄到哪里", ("申请表在哪里下载", "填好后寄到哪里")),
        ("申请要多久然后怎么拿结果", ("申请要多久", "怎么拿结果")),
        ("喺邊度申請，使唔使錢", ("喺邊度申請", "使唔使錢")),
    ],
)
def test_questions_are_told_apart_however_they_are_joined(
    text: str, parts: tuple[str, ...]
) -> None:
    assert split(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("您好，申请公开收费吗？几天答复？谢谢", ("申请公开收费吗", "几天答复")),
        ("在吗？申请收费吗？要多久？", ("申请收费吗", "要多久")),
        ("我想问两个问题：在哪申请？要带身份证吗？", ("在哪申请", "要带身份证吗")),
    ],
)
def test_what_only_greets_or_announces_is_left_out(text: str, parts: tuple[str, ...]) -> None:
    assert split(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "申请公开收费吗",
        "您好，收费吗",
        "我家房子被征了，批文在哪看",
        "交了申请，法律规定几天答复",
        "收费标准，在哪看",
        "政府信息公开？怎么申请？",
        "宅基地 怎么申请",
        "上午9:00上班吗",
        "他们说要收费，合法吗",
        "法律不是规定15天答复吗 你们超期了吧",
        "一问什么，二问什么，三问什么，四问什么",
        "我想问一下去年我们村里那条路修了一半就停了到底是为什么没人给个说法，收费吗",
    ],
)
def test_one_matter_stays_one_question(text: str) -> None:
    assert split(text) == (text,)


@pytest.mark.parametrize(
    "text",
    [
        "谁都不管，我该怎么办",
        "什么都没给，合法吗",
        "打了几次电话，没人接怎么办",
        "几十年前的地契，还能查吗",
        "几年前交的申请，还能查吗",
        "等了好几个月，能投诉吗",
        "这么多天没回，能告吗",
        "那么，多久答复",
        "我呢，想问下收费吗",
        "哪怕要钱，能给我吗",
        "无论谁申请，都要答复吗",
        "身份证什么的，都要带吗",
        "要么公开要么说理由，行不行",
        "地是哪年征的我也记不清，能查到批文吗",
        "你们还有没有王法，凭什么不公开",
    ],
)
def test_words_that_only_look_like_asking_part_nothing(text: str) -> None:
    assert split(text) == (text,)


@pytest.mark.parametrize(
    "text",
    [
        "怎么还没答复，怎么回事",
        "超过二十天才答复可以吗，合法吗",
        "答复期限是20个工作日吗，还是15天吗",
        "凭什么不给我，凭什么",
        "代别人申请要委托书吗，是不是",
    ],
)
def test_pressing_for_an_answer_is_no_further_question(text: str) -> None:
    assert split(text) == (text,)


@pytest.mark.parametrize(
    "text",
    [
        "能不能另外申请几份",
        "是不是还有什么材料要交",
        "为什么还有几个月才答复",
        "除了身份证还有什么材料要交",
        "到期还有几天",
    ],
)
def test_a_joining_word_inside_a_question_parts_nothing(text: str) -> None:
    assert split(text) == (text,)
