"""What Zixun says on Telegram only: welcome, help, privacy, and refusals in one sentence."""

from datetime import datetime, tzinfo

from bot.desk.inquiries import LONGEST_TEXT
from handlers.replies import NOT_AN_APPLICATION

COMMANDS = {
    "start": "这里能做什么",
    "guides": "按类别看指南",
    "status": "查咨询办到哪了",
    "help": "怎么用",
    "privacy": "存了什么、怎么删",
}
"""The commands that the menu of a private chat shows, with what they are for."""

STATUS_USAGE = "查在别处登记的咨询，请这样写：/status 受理编号 查询码"
NO_MATTERS = f"这里还没有您的咨询。想问什么，直接说就行。\n{STATUS_USAGE}"
UNKNOWN_RECEIPT = (
    "没有查到。请核对受理编号（14 位）和查询码（4 位）；在别处登记的，两个号都要写："
    "/status 受理编号 查询码"
)
TOO_LONG = f"这条消息太长了，没有存下来。请分成几条发，每条不超过 {LONGEST_TEXT} 个字。"
OLD_BUTTON = "这个选项已经过期了。请把问题再说一遍。"
GUIDE_GONE = "这份指南现在不用了。请直接说您想问什么，或者发 /guides 看现有的指南。"
CLOSED_MATTER = "这件咨询已经办结，这个按钮不能用了。还想问，直接再说就行。"
WITH_STAFF = "这件咨询已经交给工作人员，这个按钮现在不能用。要补充什么，直接说就行。"
ALREADY_RATED = "这件咨询已经评价过了，或者还没有办结。谢谢您。"
FORM_GONE = "这份表格现在没有了。请发 /guides 查看怎么申请。"
LOST = "抱歉，您刚才的消息没能处理，也没有存下来。请换个说法再发一次，或者打 {phone}。"

ALL_GUIDES = "请选一类："
NOTHING_KEPT = "这里没有存您的任何咨询。"
COPY_CAPTION = "这里存的关于您的全部内容。"
DELETE_QUESTION = (
    "要删除您在这里说过的话和联系方式吗？删除后不能恢复；受理编号、时间和办理结果按规定留作统计，"
    "认不出是谁。工作人员还在办的，答复只能凭受理编号和查询码来取。"
)
DELETE_YES, DELETE_NO = "删除", "不删"
NOT_DELETED = "没有删除。"

NOT_STAFF = "只有名单上的工作人员可以答复。请管理员把您加进名单。"
NOT_DRAFTED_BY_YOU = "只有写这条答复的工作人员本人可以发送或取消。"
NOT_A_MATTER = "这条消息不是咨询，没有转给任何人。请回复写着受理编号的那一条。"
MATTER_CLOSED = "这件咨询已经办结，答复没有发出。"
DRAFT_SETTLED = "这条答复已经处理过了。"
DRAFT_GONE = "找不到这条答复。"
ONLY_TEXT = "只能用文字答复，这一条没有转给任何人。"
SETTLING = {True: "正在发送", False: "已取消"}
UPDATE_LOST = "有一条 Telegram 消息三次都没能处理，已经记下。请管理员查看日志。"


def welcome(*, unit: str, web_page: str) -> tuple[str, str]:
    """Where the citizen's words go, and what can be done here."""
    return (
        f"您在这里说的话会经过 Telegram 设在境外的服务器；不愿意的，请用网页咨询：{web_page}",
        f"这里是{unit}的政府信息公开咨询。请用一两句话说您想问什么，比如“怎么申请公开”"
        f"“多久能答复”。答不准的转给工作人员。{NOT_AN_APPLICATION}",
    )


def usage(*, phone: str) -> str:
    """How to use the bot, command by command."""
    return (
        "直接说您想问什么就行，一次说一件事最好。写错了可以改那条消息，我按改后的再答。\n"
        "想让人来答，说“转人工”，或者按“转人工”。\n\n"
        "/guides 按类别看指南\n"
        "/status 查咨询办到哪了\n"
        "/privacy 存了什么、怎么删\n\n"
        f"也可以打 {phone}。{NOT_AN_APPLICATION}"
    )


def privacy(*, web_page: str) -> str:
    """What is kept, where it goes, and how to get or delete it."""
    return (
        "存什么：您说的话（身份证号、电话、银行卡号、邮箱先遮盖再存）、时间和办理结果。"
        "您的 Telegram 账号只存成认不出来的代号；回复用的联系方式加密存放。\n"
        "到哪里：消息经过 Telegram 设在境外的服务器；"
        "转给工作人员时，您在这里说的话会出现在工作人员的 Telegram 群里。"
        f"不愿意的，请用网页咨询：{web_page}\n"
        "您可以：/export_mine 取一份存下的全部内容；/delete 删除您说过的话和联系方式。"
    )


def deleted(words: int, contacts: int) -> str:
    """How much was deleted."""
    if not words and not contacts:
        return "没有可以删除的内容。"
    return f"已经删除：您说过的话 {words} 条，联系方式 {contacts} 处。"


def locked(until: datetime, *, zone: tzinfo) -> str:
    """That wrong codes came too often, and when to try again."""
    return f"查询码错了多次，这个受理编号暂时不能查，请 {until.astimezone(zone):%H:%M} 以后再试。"
