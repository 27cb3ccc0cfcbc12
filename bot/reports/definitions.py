"""What every figure means: its code, its name, its unit and the sentence printed beside it."""

from dataclasses import dataclass

VERSION = "2026.1"
"""The version of these definitions; a change of any of them is a new version."""

PIECE = "件"
PERCENT = "%"
PERSON_TIME = "人次"


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure's name, unit and meaning, in the words that are printed with it."""

    code: str
    label: str
    unit: str
    text: str


DEFINITIONS: dict[str, Definition] = {
    item.code: item
    for item in (
        Definition(
            "Q1",
            "接待总量",
            PIECE,
            "本期受理的有效咨询。同一人、同一渠道、同一事项为一件，追问和补充属于原来那件；"
            "按受理时间归期；不含无效消息。各渠道、主题、性质、地区、承办机构、咨询人类型"
            "分项之和都等于总量。",
        ),
        Definition(
            "Q1g",
            "政府信息公开咨询量",
            PIECE,
            "接待总量中性质为咨询、且首次办结结果不是引导12345、信访、个人业务、法律援助、"
            "紧急求助，也不是与政务无关、拒绝、重复、撤回的；尚未办结的计入。",
        ),
        Definition(
            "Q2",
            "无效量",
            PIECE,
            "只有问候、致谢、空白、测试或没有问题的消息，不是咨询，不计入接待总量。",
        ),
        Definition(
            "Q3",
            "接待人次",
            PERSON_TIME,
            "同一渠道的同一咨询人（去标识化）在同一受理日计一人次；没有咨询人标识的，"
            "一件计一人次。跨渠道不合并，各渠道之和等于总数。",
        ),
        Definition("C*", "按渠道", PIECE, "接待总量按受理渠道分列。"),
        Definition(
            "T*",
            "按主题",
            PIECE,
            "接待总量按主题分列，一件只取一个主主题；没有主题的列为“未知”。",
        ),
        Definition("K*", "按性质", PIECE, "接待总量按性质分列。"),
        Definition(
            "R*", "按地区和承办机构", PIECE, "接待总量按地区、按承办机构分列，未登记的列为“未知”。"
        ),
        Definition("U*", "按咨询人类型", PIECE, "接待总量按咨询人类型分列，未登记的列为“未知”。"),
        Definition(
            "O*",
            "办结量（按结果）",
            PIECE,
            "本期首次办结的有效咨询，每件恰有一个结果，按首次办结时间归期；"
            "以后重办的不改变首次办结。",
        ),
        Definition(
            "X0",
            "期末在办",
            PIECE,
            "期末尚未首次办结的有效咨询。期初在办＋本期受理＝本期办结＋期末在办。",
        ),
        Definition(
            "S1",
            "服务满意率",
            PERCENT,
            "本期首次办结的咨询中，评价为非常满意、满意的件数÷有评价的件数；"
            "没有评价的不算满意，也不算不满意。",
        ),
    )
}
"""Every definition by code, in the order in which they are printed."""

CONVENTIONS = (
    "统计期左闭右开，按本机关所在时区划分。",
    "率保留一位小数，四舍五入；分母为零的不计算，印“—”。",
    "以首次办结的结果为准；数据截止后发生的变化不在本表内。",
)
"""What holds for all figures."""
