from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.dates import Filing, find_filing, tells_only_a_day

MONDAY = date(2026, 11, 23)

IN_PERSON = [
    ("昨天当面交的", "2026-11-22"),
    ("大前天送去的", "2026-11-20"),
    ("我１１月３號當面遞交的申請", "2026-11-03"),
    ("我11月3号在政务大厅窗口交的申请表，到今天还没答复", "2026-11-03"),
    ("11月3号去县政府办公室把申请表交了", "2026-11-03"),
    ("如果今天当面交，最晚哪天答复", "2026-11-23"),
    ("我是11月3号亲自送到窗口的", "2026-11-03"),
    ("11月3号下午，在大厅交的", "2026-11-03"),
    ("11月3号窗口签收的", "2026-11-03"),
    ("老早就交了，10月9号，当面", "2026-10-09"),
    ("俺11月3号送到镇上的", "2026-11-03"),
    ("11月3号送到镇政府的申请，镇上说等着", "2026-11-03"),
    ("上礼拜五送过去的", "2026-11-20"),
    ("俺前儿个去乡里递的表", "2026-11-21"),
    ("我妈10月26号在政务中心窗口递交了申请表，啥时候能有信儿", "2026-10-26"),
    ("公开申请书上周一面交给办公室小李了", "2026-11-16"),
    ("2026年10月26日，我到县自然资源局当面提交申请", "2026-10-26"),
    ("昨天到县里交的", "2026-11-22"),
    ("昨天来你们局里递的", "2026-11-22"),
    ("昨天从网上下了表到县里交的", "2026-11-22"),
]

SIGNED_MAIL = [
    ("11月3号寄到的", "2026-11-03"),
    ("十一月三号寄到", "2026-11-03"),
    ("2026年11月3日签收", "2026-11-03"),
    ("2026-11-03签收的", "2026-11-03"),
    ("11月3号寄出，11月5号签收", "2026-11-05"),
    ("快递显示11月3号签收，怎么还不回我", "2026-11-03"),
    ("EMS 11月3日已签收", "2026-11-03"),
    ("信11月3号到的", "2026-11-03"),
    ("快递11月3号就到你们那了", "2026-11-03"),
    ("签收日期是2026年11月3日", "2026-11-03"),
    ("上周三寄到你们局", "2026-11-18"),
    ("11.3寄到", "2026-11-03"),
    ("11月3号，我把申请寄到县政府了", "2026-11-03"),
    ("二〇二六年十一月三日签收", "2026-11-03"),
    ("我交了申请，11月3号签收的，什么时候给答复", "2026-11-03"),
    ("11月3号 挂号信 寄到", "2026-11-03"),
    ("11月3号顺丰寄到县政府的，最迟哪天给我答复？", "2026-11-03"),
    ("信是3号寄的，10号才寄到", "2026-11-10"),
    ("上个月28号就寄到了", "2026-10-28"),
    ("本人于2026年11月3日通过EMS向贵局邮寄政府信息公开申请，贵局于11月5日签收", "2026-11-05"),
    ("10月9日挂号信签收，到现在超期了吗", "2026-10-09"),
    ("昨天寄到的3件申请", "2026-11-22"),
    ("请问10月9号签收的，最晚啥时候答复", "2026-10-09"),
    ("2026年10月12日你局收到我邮寄的申请", "2026-10-12"),
    ("我想问下，11月3号寄到的，到底哪天算到期", "2026-11-03"),
    ("11月3号寄到 今天都23号了", "2026-11-03"),
    ("今天23号了，11月3号寄到的还没答复", "2026-11-03"),
    ("11月3号寄到的 啥时候能答复", "2026-11-03"),
    ("我10.9号寄的，10.12签收的", "2026-10-12"),
    ("11月3号快递员说已经签收了", "2026-11-03"),
    ("申请是上星期四寄到贵单位的", "2026-11-19"),
    ("10月26号快递到的，怎么一个月了没人理我", "2026-10-26"),
    ("邮件10月26日投递并签收", "2026-10-26"),
    ("我的公开申请11/6就签收了", "2026-11-06"),
    ("2026.10.26 EMS签收 至今未答复 违法吗", "2026-10-26"),
    ("十月廿六日掛號寄達", "2026-10-26"),
]

POSTED_ONLY = [
    ("我11月3号寄的，怎么还没消息", "2026-11-03"),
    ("11月3号用挂号信寄出去的", "2026-11-03"),
    ("11月3号快递寄给你们的", "2026-11-03"),
    ("11月3号邮寄提交的申请", "2026-11-03"),
    ("2026年10月9日，本人通过邮政特快专递向你局提出政府信息公开申请", "2026-10-09"),
    ("我11月3号去你们窗口，说不收，11月10号重新寄的", "2026-11-10"),
    ("我是11月3号交的，挂号信", "2026-11-03"),
    ("我把申请材料在11月3日邮寄给了县政府办公室", "2026-11-03"),
    ("十月二十六号给县政府办寄的挂号信", "2026-10-26"),
    ("我前天寄過去的申請，你們什麼時候收到算數", "2026-11-21"),
]

ONLINE = [
    ("上周五网上提交", "2026-11-20"),
    ("11月3号发邮件申请的", "2026-11-03"),
    ("上週五網上提交的，什麼時候答覆", "2026-11-20"),
    ("我昨天在网上申请了信息公开", "2026-11-22"),
    ("11月3号网上提交，5号你们打电话确认收到了", "2026-11-05"),
    ("我11月3号通过官网平台提交了申请", "2026-11-03"),
    ("刚才在网上提交了", "2026-11-23"),
    ("邮箱发的，11月3号发的", "2026-11-03"),
    ("11月3号在县政府网站上提交的申请", "2026-11-03"),
    ("我3号在网上交的", "2026-11-03"),
    ("11月3号网上填的", "2026-11-03"),
    ("昨晚十点网上提交的", "2026-11-22"),
    ("11月3号发到你们邮箱的", "2026-11-03"),
    ("11月3号发了封电子邮件申请", "2026-11-03"),
    ("2026/10/9网上申请", "2026-10-09"),
    ("你好，我于2026年10月26日通过贵州省政府信息公开申请平台提交申请，请问何时答复", "2026-10-26"),
    ("我昨天用微信小程序交的申请要多久", "2026-11-22"),
    ("网上提交的，10月26日显示已受理", "2026-10-26"),
    ("10月26日18点网上提交算哪天收到", "2026-10-26"),
    ("周六网上提交的算哪天", "2026-11-21"),
    ("前天晚上十一点在网站上提交的", "2026-11-21"),
]

MANNER_UNKNOWN = [
    ("前天交的", "2026-11-21"),
    ("上个月28号递上去的", "2026-10-28"),
    ("3号递的", "2026-11-03"),
    ("今天交申请，哪天答复", "2026-11-23"),
    ("你们11月3号收到的申请，最迟哪天答复", "2026-11-03"),
    ("我的申请11月3号你们收到了", "2026-11-03"),
    ("提交时间：2026-11-03", "2026-11-03"),
    ("申请日期 2026.11.3", "2026-11-03"),
    ("我交申请是在11月3号", "2026-11-03"),
    ("11月3号申请的政府信息公开，几号到期", "2026-11-03"),
    ("11月3号申请了信息公开", "2026-11-03"),
    ("11月3号的申请怎么还没消息", "2026-11-03"),
    ("12月3号交的", "2025-12-03"),
    ("30号交的", "2026-10-30"),
    ("不是11月3号交的，是11月5号交的", "2026-11-05"),
    ("三天前递交的申请", "2026-11-20"),
    ("11月3日提交了政府信息公开申请，按规定什么时候答复", "2026-11-03"),
    ("2026年11月3日提交的公开申请逾期了吗", "2026-11-03"),
    ("11月3号上午9点半交的", "2026-11-03"),
    ("11月3号交过一次，11月10号又交了一次", "2026-11-10"),
    ("补正材料是11月10号交的", "2026-11-10"),
    ("申请11月3日受理的", "2026-11-03"),
    ("去年11月3号交的", "2025-11-03"),
    ("今年3月5号递交", "2026-03-05"),
    ("礼拜三交的表", "2026-11-18"),
    ("昨儿递上去了", "2026-11-22"),
    ("11月3号让儿子交的", "2026-11-03"),
    ("我11月3号托人交上去的，20个工作日是哪天", "2026-11-03"),
    ("11月3号交的你们再不答复我就去复议", "2026-11-03"),
    ("11月3号交的申请，11月20号你们说要延期", "2026-11-03"),
    ("我於11月3日遞交申請", "2026-11-03"),
    ("我11月3日向自然资源局提交的申请至今未答复", "2026-11-03"),
    ("贵机关2026年10月9日收到我的申请", "2026-10-09"),
    ("我在10月9日提出公开申请", "2026-10-09"),
    ("材料昨天才递进去", "2026-11-22"),
    ("昨天下午3点交的", "2026-11-22"),
    ("周一交的", "2026-11-23"),
    ("11月3号我老伴去交的", "2026-11-03"),
    ("11月3号那天我去交的表", "2026-11-03"),
    ("你们办公室的人11月3号收的", "2026-11-03"),
    ("我11月3号申请了征地批文，什么时候给", "2026-11-03"),
    ("申请公开的表11月3号交了", "2026-11-03"),
    ("11月3日递交至县政府办", "2026-11-03"),
    ("交了，10月9号", "2026-10-09"),
    ("表昨天交给村里了", "2026-11-22"),
    ("关于投诉处理情况的信息公开申请11月3号交的", "2026-11-03"),
    ("11月3号申请，现在还没动静", "2026-11-03"),
    ("请查一下我11月3号提交的申请办到哪了", "2026-11-03"),
    ("我想知道11月3号交的申请什么时候答复", "2026-11-03"),
    ("11月3日（星期二）交的", "2026-11-03"),
    ("11月3日星期二交的", "2026-11-03"),
    ("11月3号交嘞", "2026-11-03"),
    ("从11月3号交申请到现在", "2026-11-03"),
    ("自11月3日提交申请起算", "2026-11-03"),
    ("11月3号提交的，15个工作日够吗", "2026-11-03"),
    ("3号交的30号能答复吗", "2026-11-03"),
    ("上个月二十八号递的", "2026-10-28"),
    ("这个月3号交的", "2026-11-03"),
    ("12345 3号 交", "2026-11-03"),
    ("我11月3号交了申请，但没给回执", "2026-11-03"),
    ("10月26日收件，请问截止到哪天", "2026-10-26"),
    ("11月6号递的申请 20个工作日是几号啊", "2026-11-06"),
    ("10月26日申请政府信息公开，11月25日才答复，超期没", "2026-10-26"),
    ("你单位10月26日受理了我的信息公开申请", "2026-10-26"),
    ("10月26日提交后一直显示待受理", "2026-10-26"),
    ("十一月三日遞件，請問幾時回覆", "2026-11-03"),
    ("10月26号交申请表给村委会，村委会说交上去了", "2026-10-26"),
    ("我不是今天交的是昨天交的", "2026-11-22"),
    ("直到昨天才交上去", "2026-11-22"),
    ("后来前天又交了一次", "2026-11-21"),
    ("10月9号签收，11月10号补交了材料", "2026-11-10"),
    ("10月9号交的，11月20号收到延期告知", "2026-10-09"),
]

DAYS_OF_DOCUMENTS = [
    "2019年5月15日起施行的条例",
    "我申请公开2026年11月3日的会议纪要",
    "申请公开县政府2026年11月3日收到的批复",
    "我要申请11月3号发布的征地公告",
    "2026年11月3日公布的文件，我要申请公开",
    "11月3日公布的文件我申请公开",
    "2026年11月3日签收的征地协议在哪查",
    "网上查到11月3号发的通知",
    "请问2026年11月3日印发的通知能不能申请公开",
    "我想知道2026年11月3日县里提交省里的报告",
    "11月3号政府收到的捐款公示",
    "请公开2026年11月3日信访局收到的材料",
    "麻烦查一下2026年11月3日的会议",
    "11月3号卖地的批文在哪里申请",
    "我11月3号的会议纪要申请被拒了",
    "2026年11月3日县里收到省里的批复",
    "我要申请公开，11月3号打过电话",
    "2026年预算什么时候公开",
    "我想看2025年3月1日的拆迁公告",
    "3月1日起施行的办法在哪看",
    "府办发〔2026〕10号文11月3日收到怎么查",
    "2026年11月3日签订的协议怎么申请公开",
]

ANSWERS_OF_THE_OFFICE = [
    "11月3号收到你们的答复",
    "我11月3号收到告知书，不服怎么办",
    "答复书11月3号签收的",
    "今天是第20个工作日了，我交的申请还没答复",
    "我11月3号签收的答复书，60天怎么算",
    "你们11月3号寄来的告知书我收到了",
    "11月3号收到短信说要补正",
    "我收到了11月3号的答复",
    "10月26日作出的处罚决定书我昨天收到",
    "昨天收到你们的回复了不满意",
    "我11月10号打12345反映，11月12号收到短信",
]

OTHER_MATTERS = [
    "11月3号提交了行政复议申请",
    "11月3号交的罚款",
    "11月3号交了社保",
    "11月3号交通管制",
    "11月3号寄的举报信",
    "11月3号申请了低保",
    "今天交警在哪",
    "11月3号开会提出的意见",
    "11月3号成交的地块",
    "11月3号交房",
    "我们村11月3号收到征地补偿款",
    "11月3号签收补偿协议",
    "12345转3号接线员收到",
    "公示期到11月3号，交意见",
    "县政府11月3号申请的项目",
    "11月3号申请破产的企业名单",
    "请问昨天发布的通知怎么提交意见",
    "企业11月3日提交环评报告",
    "11月3日上交的水费",
    "昨天送到医院",
    "11月1号公示的低保名单哪里看",
    "10月26号开庭的案子我交了材料",
    "第3号公告提交意见",
    "交通局11月3号发布的文件",
    "政府11月3号征的地，申请公开补偿标准",
]

NOT_DONE = [
    "12月底前公布吗",
    "我打算明天交",
    "下周一去交",
    "12月1号交可以吗",
    "我打算12月1号交申请",
    "如果12月5号寄到",
    "今天可以交申请吗",
    "今天怎么交申请",
    "今天想申请信息公开，怎么申请",
    "我还没交，昨天才知道",
    "昨天没交成",
    "昨天没有提交",
    "昨天看到公告，要交申请吗",
    "昨天打电话问了，让我当面交",
    "2026年11月3日提交的可研报告能公开吗",
    "我11月3号申请的公租房批了吗",
    "周一到周五几点可以交",
    "每周五可以提交吗",
    "收费标准是10.5元交吗",
    "3号楼交房了吗",
    "昨天没人签收",
    "昨天不收申请",
    "11月3号能不能网上提交",
    "昨天问了怎么申请",
    "今天下班前交还来得及吗",
    "昨天交了没",
    "下个月3号交",
    "你们前天收到没有",
    "11月3号寄到了吗",
    "11月3号签收了吗",
    "下星期一截止，今天交来得及吗",
    "11月3号我打电话，你们说网上交",
    "11月3号去窗口，工作人员不收",
    "11月3号邮局退回来了",
]

NO_FILING_OR_NO_EXACT_DAY = [
    "11月3号",
    "前天",
    "交了3件申请",
    "条例第33条怎么规定答复期限",
    "国办函〔2020〕109号什么时候交费",
    "〔2020〕9号文交的怎么算",
    "电话13800000003号交",
    "去3号窗口交的",
    "3号窗口几点能交",
    "3日内提交",
    "11月3日前提交",
    "农历十月初三交的",
    "上个月底交的",
    "半个月前交的",
    "最迟3个工作日提交",
    "2027年1月5日交的",
    "",
    "   ",
    "2月30号交的",
    "11月3号投的申请",
    "最迟11月3号提交",
    "我的申请表是什么时候寄到的？签收单上写11月3号",
    "105年11月3日交的",
    "十一月初三交的",
    "邮政显示10.26妥投",
    "交了申请都半个月了没动静",
    "我上周提交的申请",
    "上周提交的，到现在没回",
    "请问如何提交申请",
    "15号之前提交",
]


def read(text: str, *, today: date = MONDAY) -> Filing:
    filing = find_filing(text, today=today)
    assert filing is not None, text
    return filing


@pytest.mark.parametrize(("text", "day"), IN_PERSON)
def test_what_was_handed_over_in_person_came_that_day(text: str, day: str) -> None:
    filing = read(text)

    assert (filing.day.isoformat(), filing.manner) == (day, "in_person")
    assert filing.arrived
    assert not filing.needs_confirming


@pytest.mark.parametrize(("text", "day"), SIGNED_MAIL)
def test_mail_came_on_the_day_it_was_signed_for(text: str, day: str) -> None:
    filing = read(text)

    assert (filing.day.isoformat(), filing.manner) == (day, "registered_mail")
    assert filing.arrived
    assert not filing.needs_confirming


@pytest.mark.parametrize(("text", "day"), POSTED_ONLY)
def test_a_day_of_posting_is_not_a_day_of_arrival(text: str, day: str) -> None:
    filing = read(text)

    assert (filing.day.isoformat(), filing.manner) == (day, "registered_mail")
    assert not filing.arrived


@pytest.mark.parametrize(("text", "day"), ONLINE)
def test_what_came_online_waits_for_both_sides_to_confirm(text: str, day: str) -> None:
    filing = read(text)

    assert (filing.day.isoformat(), filing.manner) == (day, "online")
    assert filing.arrived
    assert filing.needs_confirming != filing.confirmed


@pytest.mark.parametrize(
    ("text", "day", "arrived"),
    [
        ("11月3号平信寄的", "2026-11-03", False),
        ("11月3号寄的平信，你们有没有收到", "2026-11-03", False),
        ("11月3号平信寄到的", "2026-11-03", True),
    ],
)
def test_ordinary_mail_waits_for_the_office_to_confirm(text: str, day: str, arrived: bool) -> None:
    filing = read(text)

    assert (filing.day.isoformat(), filing.manner) == (day, "ordinary_mail")
    assert filing.arrived is arrived
    assert filing.needs_confirming


@pytest.mark.parametrize("text", ["11月3号传真过去的", "我11月3日发传真给你们申请公开预算"])
def test_a_fax_waits_for_both_sides_to_confirm(text: str) -> None:
    filing = read(text)

    assert (filing.day, filing.manner) == (date(2026, 11, 3), "fax")
    assert filing.needs_confirming


@pytest.mark.parametrize(("text", "day"), MANNER_UNKNOWN)
def test_a_day_without_a_manner_leaves_the_manner_open(text: str, day: str) -> None:
    filing = read(text)

    assert (filing.day.isoformat(), filing.manner) == (day, "unknown")
    assert filing.arrived
    assert filing.needs_confirming


def test_the_day_of_confirmation_needs_no_other() -> None:
    filing = read("11月3号网上提交，5号你们打电话确认收到了")

    assert (filing.day, filing.manner) == (date(2026, 11, 5), "online")
    assert filing.confirmed
    assert not filing.needs_confirming


@pytest.mark.parametrize("text", DAYS_OF_DOCUMENTS)
def test_the_date_of_a_document_is_not_that_of_an_application(text: str) -> None:
    assert find_filing(text, today=MONDAY) is None


@pytest.mark.parametrize("text", ANSWERS_OF_THE_OFFICE)
def test_what_the_office_sent_is_not_what_came_to_it(text: str) -> None:
    assert find_filing(text, today=MONDAY) is None


@pytest.mark.parametrize("text", OTHER_MATTERS)
def test_other_matters_are_no_applications_for_disclosure(text: str) -> None:
    assert find_filing(text, today=MONDAY) is None


@pytest.mark.parametrize("text", NOT_DONE)
def test_what_was_not_done_or_is_asked_about_is_no_filing(text: str) -> None:
    assert find_filing(text, today=MONDAY) is None


@pytest.mark.parametrize("text", NO_FILING_OR_NO_EXACT_DAY)
def test_without_an_exact_day_and_a_filing_nothing_is_found(text: str) -> None:
    assert find_filing(text, today=MONDAY) is None


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("我１１月３號當面遞交的申請，多久答覆", "１１月３號當面遞交"),
        ("你好，上週五網上提交的", "上週五網上提交"),
        ("签收日期：2026年11月3日。", "签收日期：2026年11月3日"),
    ],
)
def test_the_quote_is_in_the_citizens_own_characters(text: str, quote: str) -> None:
    assert read(text).quote == quote


def test_among_two_equal_statements_the_later_day_counts() -> None:
    assert read("11月3号交过一次，11月10号又交了一次").day == date(2026, 11, 10)
    assert read("11月10号又交了一次，11月3号交过一次").day == date(2026, 11, 10)


def test_a_correction_begins_the_limit_anew() -> None:
    assert read("10月9号签收，11月10号补交了材料").day == date(2026, 11, 10)


@pytest.mark.parametrize(
    ("today", "text", "day"),
    [
        (date(2027, 1, 2), "12月30号交的", date(2026, 12, 30)),
        (date(2027, 1, 2), "3号交的", date(2026, 12, 3)),
        (date(2027, 3, 5), "31号交的", date(2027, 1, 31)),
        (date(2026, 11, 3), "11月3号交的", date(2026, 11, 3)),
        (date(2026, 11, 2), "11月3号交的", date(2025, 11, 3)),
        (date(2027, 1, 4), "上周五交的", date(2027, 1, 1)),
        (date(2027, 1, 15), "上个月28号交的", date(2026, 12, 28)),
    ],
)
def test_a_day_without_a_year_is_the_last_one_before_today(
    today: date, text: str, day: date
) -> None:
    assert read(text, today=today).day == day


@pytest.mark.parametrize(
    ("text", "day", "manner", "arrived"),
    [
        ("前天", date(2026, 11, 21), "unknown", True),
        ("大概11月3号吧", date(2026, 11, 3), "unknown", True),
        ("11月3号 挂号信", date(2026, 11, 3), "registered_mail", False),
        ("昨天，网上", date(2026, 11, 22), "online", True),
        ("我是昨天当面的", date(2026, 11, 22), "in_person", True),
        ("十一月三号", date(2026, 11, 3), "unknown", True),
    ],
)
def test_a_bare_day_is_an_answer_once_asked(
    text: str, day: date, manner: str, arrived: bool
) -> None:
    filing = find_filing(text, today=MONDAY, asked=True)

    assert filing is not None
    assert (filing.day, filing.manner, filing.arrived) == (day, manner, arrived)
    assert find_filing(text, today=MONDAY) is None


@pytest.mark.parametrize(
    "text", ["没有", "明天", "3号窗口", "11月3号或者11月4号", "2026年11月3日的会议纪要", "还没交"]
)
def test_an_answer_that_names_no_single_day_is_none(text: str) -> None:
    assert find_filing(text, today=MONDAY, asked=True) is None


PIECES = st.sampled_from(
    [
        "11月3号",
        "昨天",
        "上周五",
        "3号",
        "2026-11-03",
        "十一月三十一号",
        "〔2020〕109号",
        "第33条",
        "31号",
        "2月29日",
        "下周一",
        "去年",
        "前年",
        "9999年",
        "农历",
        "交",
        "寄",
        "寄到",
        "签收",
        "收到",
        "申请",
        "提交",
        "传真",
        "网上",
        "没",
        "的",
        "了",
        "，",
        "。",
        "我",
        "你们",
        "公开",
        "补正",
        "答复",
        "吗",
        "99999999999",
        "廿卅十",
        "１２月",
        "號",
        "\n",
        "前",
        "内",
        "大前天",
        "上上上个月",
    ]
)
TEXTS = st.text(max_size=200) | st.lists(PIECES, max_size=30).map("".join)


@given(TEXTS, st.dates(), st.booleans())
def test_any_text_on_any_day_is_read_without_an_error(text: str, today: date, asked: bool) -> None:
    filing = find_filing(text, today=today, asked=asked)

    if filing is not None:
        assert date(2008, 5, 1) <= filing.day <= today
        assert filing.quote in text
        assert not (filing.confirmed and not filing.arrived)


@given(st.dates(min_value=date(2008, 5, 1), max_value=MONDAY))
def test_a_day_written_in_full_is_read_as_written(day: date) -> None:
    for written in (
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month}.{day.day}",
    ):
        assert read(f"我的申请{written}签收的").day == day


@pytest.mark.parametrize(
    "text",
    [
        "我10月20号交的，11月2号让我补正，11月5号补的",
        "我10月20号交的，补正材料是11月5日交的",
        "10月20号交的申请，收到补正通知，11月5号交上去的",
        "10月20号当面交的，11月2号要求补正，11月5日补正了",
    ],
)
def test_after_a_correction_its_day_counts(text: str) -> None:
    found = find_filing(text, today=MONDAY)

    assert found is not None
    assert found.day == date(2026, 11, 5)
    assert found.manner == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        "我10月20号交的，11月2号让我补正，我还没补",
        "我10月20号交的，后来补正了，什么时候答复",
        "让我补正了，我是10月20号交的",
    ],
)
def test_without_the_day_of_the_correction_no_day_is_found(text: str) -> None:
    assert find_filing(text, today=MONDAY) is None


@pytest.mark.parametrize(
    "text", ["我10月20号交的，没让我补正，什么时候答复", "我10月20号交的，要补正吗"]
)
def test_what_need_not_be_corrected_counts_from_its_own_day(text: str) -> None:
    found = find_filing(text, today=MONDAY)

    assert found is not None
    assert found.day == date(2026, 10, 20)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("10月8日挂号信寄出的，11日到的", date(2026, 10, 11)),
        ("3号寄的5号到的", date(2026, 11, 5)),
        ("10月25日寄的，3号到的", date(2026, 11, 3)),
    ],
)
def test_mail_counts_from_its_arrival_where_that_day_is_said(text: str, day: date) -> None:
    found = find_filing(text, today=MONDAY)

    assert found is not None
    assert (found.day, found.arrived) == (day, True)


def test_a_receipt_confirms() -> None:
    found = find_filing("收到回执是11月9日", today=MONDAY)

    assert found is not None
    assert (found.day, found.confirmed) == (date(2026, 11, 9), True)


def test_eight_digits_answer_which_day_it_was() -> None:
    found = find_filing("20261103", today=MONDAY, asked=True)

    assert found is not None
    assert found.day == date(2026, 11, 3)


@pytest.mark.parametrize(
    "text", ["半个月前交的", "上月底网上提交", "2月30号交的", "明天去交", "1月28日交的"]
)
def test_a_message_may_tell_only_a_day(text: str) -> None:
    assert tells_only_a_day(text)


@pytest.mark.parametrize("text", ["11月3号交的你们怎么收费", "收费吗", "明天上班吗", "交的"])
def test_a_message_that_asks_tells_more_than_a_day(text: str) -> None:
    assert not tells_only_a_day(text)
