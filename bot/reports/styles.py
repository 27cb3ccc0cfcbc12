"""The styles of the section: which parts each one has, and what the parts say."""

from collections.abc import Mapping, Sequence

from bot.desk.outcomes import OUTCOMES, Family
from bot.reports.definitions import CONVENTIONS, DEFINITIONS
from bot.reports.figures import Figure, rate
from bot.reports.labels import UNKNOWN, UNKNOWN_LABEL
from bot.reports.section import Block, Grid, Heading, Paragraph, Style
from bot.reports.statement import Statement, about_lines, moment_label, shown

MAIN_TOPICS = 5
DEFINED = ("Q1g", "Q1", "Q3", "O*", "X0", "S1")
"""The figures whose definitions the section prints."""

_TAKEN: Mapping[Family | None, str] = {
    None: "性质为求助、建议、投诉等而不是咨询",
    Family.REFERRED_ELSEWHERE: "引导至12345、信访、法律援助等其他途径",
    Family.UNANSWERED: "与政务无关或者依规不予答复",
    Family.OTHER: "重复提出或者撤回",
}
"""What is not a consultation about disclosure, in groups short enough for a sentence."""


def lead(statement: Statement) -> list[Block]:
    """How many consultations about disclosure there were, and how that follows from all."""
    received, disclosure = statement.figure("Q1"), statement.figure("Q1g")
    invalid, people = statement.figure("Q2").whole, statement.figure("Q3").whole
    first = f"{statement.span}，{statement.office}共受理政府信息公开咨询{disclosure.whole}件。"
    taken = received.whole - disclosure.whole
    if taken:
        bridge = (
            f"同期接待总量为{received.whole}件，其中{_taken(disclosure)}，共{taken}件，"
            f"不属于政府信息公开咨询，扣除后为{disclosure.whole}件。"
        )
    else:
        bridge = f"同期接待总量为{received.whole}件，没有需要扣除的其他事项。"
    also = f"接待总量折合{people}人次。"
    if not received.whole:
        bridge = also = ""
    if invalid:
        also += f"另有无效消息{invalid}件（没有咨询事项），不计入接待总量。"
    blocks: list[Block] = [Paragraph(first + bridge + also)]
    if taken:
        blocks.append(_bridge_grid(statement, disclosure))
    return blocks


def by_channel(statement: Statement) -> list[Block]:
    """Through which channels they came."""
    disclosure, received = statement.figure("Q1g"), statement.figure("Q1")
    people = statement.figure("Q3")
    if not received.whole:
        return []
    label = statement.labels.label
    keys = [key for key, number in received.by["channel"].items() if number]
    rows = tuple(
        (
            label("channel", key),
            shown(disclosure.by["channel"].get(key, 0)),
            shown(rate(disclosure.by["channel"].get(key, 0), disclosure.whole)),
            shown(received.by["channel"][key]),
            shown(people.by["channel"].get(key, 0)),
        )
        for key in keys
    )
    shares = _shares(statement, disclosure, "channel")
    said = f"政府信息公开咨询按受理渠道分，{shares}。" if shares else "按受理渠道分列如下。"
    return [
        Heading("受理渠道"),
        Paragraph(said),
        Grid(
            caption="各渠道受理情况",
            header=("渠道", "政府信息公开咨询（件）", "占比（%）", "接待总量（件）", "人次"),
            rows=rows,
            total=(
                "合计",
                shown(disclosure.whole),
                shown(rate(disclosure.whole, disclosure.whole)),
                shown(received.whole),
                shown(people.whole),
            ),
            widths=(22, 28, 15, 20, 15),
        ),
    ]


def by_outcome(statement: Statement) -> list[Block]:
    """What was in hand, came and was closed, and how the closed ones ended."""
    closed, whole = statement.figure("O*"), statement.balances[-1]
    during, at_end = ("全年", "年末") if statement.is_over else ("本期", "数据截止时")
    text = (
        f"年初在办{whole.opening}件，{during}受理{whole.received}件，首次办结{whole.closed}件，"
        f"{at_end}在办{whole.ending}件。"
    )
    blocks: list[Block] = [Heading("办理结果")]
    if not closed.whole:
        return [*blocks, Paragraph(text)]
    families: dict[str, int] = {}
    for key, number in closed.by["outcome"].items():
        families[_family(key)] = families.get(_family(key), 0) + number
    parts = _listed(
        [(name, number) for name, number in families.items() if number], whole=closed.whole
    )
    blocks.append(
        Paragraph(f"{text}首次办结的{closed.whole}件中，{parts}。{_satisfaction(statement)}")
    )
    rows = tuple(
        (
            _family(key),
            statement.labels.label("outcome", key),
            shown(number),
            shown(rate(number, closed.whole)),
        )
        for key, number in closed.by["outcome"].items()
        if number
    )
    blocks.append(
        Grid(
            caption="首次办结的结果",
            header=("类别", "结果", "件数", "占比（%）"),
            rows=rows,
            total=("合计", "", shown(closed.whole), shown(rate(closed.whole, closed.whole))),
            widths=(28, 42, 15, 15),
            texts=2,
        )
    )
    return blocks


def by_month(statement: Statement) -> list[Block]:
    """What was in hand, came and was closed in each month that had begun."""
    whole = statement.balances[-1]
    zone = statement.cut_off.tzinfo
    if not whole.period.is_year or zone is None:
        return []
    months = [
        item for item in statement.balances[:-1] if item.period.start(zone) <= statement.cut_off
    ]
    rows = tuple(
        (
            f"{item.period.month}月",
            shown(item.opening),
            shown(item.received),
            shown(item.closed),
            shown(item.ending),
        )
        for item in months
    )
    if not rows:
        return []
    return [
        Grid(
            caption="各月受理和办结（件）",
            header=("月份", "期初在办", "受理", "首次办结", "期末在办"),
            rows=rows,
            total=(
                "全年" if statement.is_over else "合计",
                shown(whole.opening),
                shown(whole.received),
                shown(whole.closed),
                shown(whole.ending),
            ),
            widths=(20, 20, 20, 20, 20),
        )
    ]


def main_topics(statement: Statement) -> list[Block]:
    """What they were mostly about."""
    disclosure = statement.figure("Q1g")
    topics = disclosure.by["topic"]
    named = [(key, number) for key, number in topics.items() if key != UNKNOWN]
    if not named:
        return []
    main, rest = named[:MAIN_TOPICS], named[MAIN_TOPICS:]
    label = statement.labels.label
    rows = [
        (str(place), label("topic", key), number) for place, (key, number) in enumerate(main, 1)
    ]
    if rest:
        rows.append(("", f"其他{len(rest)}个主题", sum(number for _, number in rest)))
    if UNKNOWN in topics:
        rows.append(("", UNKNOWN_LABEL, topics[UNKNOWN]))
    said = _listed(
        [(f"“{label('topic', key)}”", number) for key, number in main], whole=disclosure.whole
    )
    return [
        Heading("主要咨询内容"),
        Paragraph(f"政府信息公开咨询内容主要涉及{said}。"),
        Grid(
            caption="主要咨询主题",
            header=("序号", "主题", "件数", "占比（%）"),
            rows=tuple(
                (place, name, shown(number), shown(rate(number, disclosure.whole)))
                for place, name, number in rows
            ),
            total=(
                "",
                "合计",
                shown(disclosure.whole),
                shown(rate(disclosure.whole, disclosure.whole)),
            ),
            widths=(10, 58, 16, 16),
            texts=2,
        ),
    ]


def definitions(statement: Statement) -> list[Block]:
    """What the figures mean, and as of when."""
    about = dict(about_lines(statement))
    lines = [
        f"数据截止时间为{moment_label(statement.cut_off)}，口径版本{about['口径版本']}，"
        f"{about['封存状态']}。各项占比四舍五入到0.1个百分点，相加可能与100%略有出入；"
        "件数逐项相加等于合计。",
        *(
            f"{DEFINITIONS[code].label}（{DEFINITIONS[code].unit}）：{DEFINITIONS[code].text}"
            for code in DEFINED
        ),
        "".join(CONVENTIONS),
    ]
    return [Heading("统计口径"), *(Paragraph(line) for line in lines)]


def _bridge_grid(statement: Statement, disclosure: Figure) -> Grid:
    parts = disclosure.by["bridge"]
    rows = [(statement.figure("Q1").label, shown(parts["Q1"]))]
    rows += [
        (f"减：{statement.labels.label('bridge', key)}", shown(-number))
        for key, number in parts.items()
        if number < 0
    ]
    return Grid(
        caption="从接待总量到政府信息公开咨询量",
        header=("项目", "件数"),
        rows=tuple(rows),
        total=(disclosure.label, shown(disclosure.whole)),
        widths=(70, 30),
    )


def _shares(statement: Statement, figure: Figure, dimension: str) -> str:
    label = statement.labels.label
    parts = [(label(dimension, key), number) for key, number in figure.by[dimension].items()]
    return _listed([part for part in parts if part[1]], whole=figure.whole)


def _listed(parts: Sequence[tuple[str, int]], *, whole: int) -> str:
    """The parts as a sentence lists them, with their shares of the whole."""
    return "；".join(
        f"{_before_number(name)}{number}件，占{shown(rate(number, whole))}%"
        for name, number in parts
    )


def _taken(disclosure: Figure) -> str:
    """What is taken off all consultations to come to disclosure, in a few groups."""
    groups: dict[str, int] = {}
    for key, number in disclosure.by["bridge"].items():
        if number < 0:
            family = OUTCOMES[key].family if key in OUTCOMES else None
            name = _TAKEN.get(family, _TAKEN[None])
            groups[name] = groups.get(name, 0) - number
    return "、".join(f"{name}的{number}件" for name, number in groups.items())


def _before_number(name: str) -> str:
    """The name as it stands before a number: Latin letters and digits keep a distance."""
    return f"{name} " if name[-1:].isascii() else name


def _satisfaction(statement: Statement) -> str:
    satisfied = statement.figure("S1")
    if satisfied.value is None:
        return "没有收到评价。"
    return (
        f"办结件中有评价的{satisfied.denominator}件，评价满意以上的{satisfied.numerator}件，"
        f"服务满意率{satisfied.value}%。"
    )


def _family(outcome: str) -> str:
    return OUTCOMES[outcome].family.value if outcome in OUTCOMES else UNKNOWN_LABEL


STYLES: Mapping[str, Style] = {
    style.code: style
    for style in (
        Style(
            "section",
            "年度报告咨询专章",
            ("{office}", "{period}政府信息公开咨询处理情况"),
            (lead, by_channel, by_outcome, by_month, main_topics, definitions),
        ),
    )
}
"""Every style by code."""
