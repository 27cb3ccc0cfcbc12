"""What the web says when something cannot be done: one sentence each, with a way on."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.desk.inquiries import LONGEST_TEXT
from bot.desk.ratings import RATINGS
from handlers.web.sessions import SHORTEST_KEY

TOO_LARGE = "内容太大，请把话说短一些再发。"
FOREIGN_SITE = "这个请求来自别的网站，没有处理。请回到本页面再操作。"
UNKNOWN_CONSULTATION = "没有找到：请核对受理编号和查询码。"
LOCKED = "查询码错的次数太多，请一小时后再试，或者打电话查询。"
EXPIRED_CHOICE = "这个选项已经过期了，请把问题再说一遍。"
NOT_ALLOWED = "这件咨询现在不能这样操作，请刷新看看最新的情况。"
CLOSED = "这件咨询已经办结，要补充请重新说一遍。"
RATED = "这件咨询已经评价过，或者还没有办结。"
KEY_REUSED = "同一个 Idempotency-Key 已经用在另一句话上，请换一个。"
TOO_MANY = "发得太快了，请稍等一会儿再发。"
STORE_AWAY = "系统暂时用不了，这次没有存下来。请过几分钟再试，急的请打电话。"
BROKEN = "系统出了问题，这次没有办成。请再试一次，急的请打电话。"
NOT_FOUND = "没有这个页面。"
NOT_POSSIBLE = "这里不能这样请求。"
BLANK = "请写下您想问的事。"
TOO_LONG = f"一次最多 {LONGEST_TEXT} 个字，请分几次说。"
NO_TELEGRAM = "没有启用 Telegram。"

GREETING = "您好，这里解答政府信息公开方面的咨询。请直接说您想问什么。"
GUESSABLE_KEY = f"没有 session 时，Idempotency-Key 至少要 {SHORTEST_KEY} 个字符，要让人猜不到。"

_NO_JSON = "请求的内容不是有效的 JSON。"
_NO_JSON_TYPE = "请求头要写 Content-Type: application/json，内容是一个 JSON 对象。"
_NO_BODY = "请求里没有内容，请提交一个 JSON 对象。"
_NO_OBJECT = "请求的内容要是一个 JSON 对象，不能是数组、文字、数字或 null。"


def of_act(act: str, state: str) -> str:
    """Why an act is refused in that state."""
    if act == "rate":
        return RATED
    return CLOSED if act == "add" and state == "CLOSED" else NOT_ALLOWED


def of_validation(errors: Sequence[Mapping[str, Any]], *, is_json: bool = True) -> tuple[str, str]:
    """One sentence about the first thing wrong with a request, and the field that it is about.

    ``is_json`` says whether the request called its body JSON.
    """
    error = errors[0]
    names = [str(part) for part in error["loc"][1:] if isinstance(part, str)]
    field = names[-1] if names else "body"
    kind = str(error["type"])
    if kind == "json_invalid" or not names:
        return _of_body(kind, is_json=is_json), "body"
    match kind:
        case "guessable":
            return GUESSABLE_KEY, field
        case "missing":
            return f"缺少 {field}。", field
        case "string_type":
            return f"{field} 应该是一段文字。", field
        case "string_too_short" | "blank":
            return f"{field} 不能为空。", field
        case "string_too_long":
            return f"{field} 太长，最多 {error['ctx']['max_length']} 个字。", field
        case "string_unicode":
            return f"{field} 里有无法识别的字符。", field
        case "literal_error" if field == "value":
            return f"value 只能是 {'、'.join(RATINGS)} 之一。", field
    return f"{field} 填写得不对。", field


def _of_body(kind: str, *, is_json: bool) -> str:
    """Why a body as a whole cannot be read."""
    if kind == "missing":
        return _NO_BODY
    if not is_json:
        return _NO_JSON_TYPE
    return _NO_JSON if kind == "json_invalid" else _NO_OBJECT
