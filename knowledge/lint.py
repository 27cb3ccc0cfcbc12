"""What a reviewer would send back in a guide: length, wording, old rules, loose ends."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from knowledge.guides import UNVERIFIED, Guide

LONGEST_ANSWER = 300
LONGEST_SENTENCE = 40
FEWEST_PHRASINGS, MOST_PHRASINGS = 6, 60
LEAST_SHARE = 0.5
"""Of what the guides usually have: one with fewer ways of asking is drowned by the others."""
REVIEW_EVERY_DAYS = 366

_SENTENCE_END = re.compile(r"[。；？！：\n]")
_URL = re.compile(r"https?://[\w./?=&%#~:-]+|（[^（）]*）|\{[a-z_:-]+\}")
_ARTICLE_NUMBER = re.compile(r"第[零一二三四五六七八九十百\d]+条")
_VAGUE = ("依照有关规定", "按照有关规定", "根据相关规定", "按相关规定")
# A rule of the 2008 regulation, and the words beside which it may stand because they say it is
# gone or because the number belongs to another, living rule (third parties' 15 working days).
_OLD_RULES: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = (
    (
        "15个工作日",
        re.compile(r"(15|十五)\s*个?(工作日|天|日)"),
        re.compile(
            r"旧|以前|过去|原来|废止|取消|不再|不是|改|第三方|第三人|意见|征求|其他机关|共同|起诉|诉讼|受理|复议后|法院|信访"
        ),
    ),
    (
        "特殊需要",
        re.compile(r"特殊需要"),
        re.compile(r"旧|以前|过去|废止|取消|不再|不用|不需要|删|改|没有"),
    ),
    (
        "复议或诉讼任选",
        re.compile(r"(复议|诉讼|起诉).{0,8}任选|可以直接(向法院)?(起诉|诉讼)"),
        re.compile(r"旧|不能|不可以|不得|内容不符|无法提供|不予处理|除外|六个月|6个月"),
    ),
    (
        "收复制邮寄费",
        re.compile(r"收取?(检索|复制|复印|邮寄|复印的)|要收取?.{0,4}(复印|复制|邮寄)|收取复印"),
        re.compile(r"旧|以前|过去|废止|取消|不再|不收|停|没有|吗|不能|不得"),
    ),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to repair: where (guide, field), which rule, and a sentence for the editor."""

    guide: str
    field: str
    rule: str
    message: str


def lint(
    guides: Sequence[Guide],
    *,
    on: date,
    unknown_placeholders: Callable[[str], Sequence[str]],
    forms: Sequence[str],
) -> list[Finding]:
    """Everything an editor should repair in these guides, by guide; empty when all is well.

    ``unknown_placeholders`` names those in a text that the office profile cannot fill, and
    ``forms`` are the keys of the forms it offers.
    """
    findings: list[Finding] = []
    ids = {guide.id for guide in guides}
    asked_by: dict[str, str] = {}
    usual = median(len(guide.phrasings) for guide in guides) if guides else 0
    fewest = max(FEWEST_PHRASINGS, round(usual * LEAST_SHARE))
    for guide in guides:

        def find(field: str, rule: str, message: str, guide_id: str = guide.id) -> None:
            findings.append(Finding(guide_id, field, rule, message))

        _lint_phrasings(guide, fewest=fewest, asked_by=asked_by, find=find)
        for passage in guide.passages:
            _lint_text(passage.text, field=passage.heading, status=guide.status, find=find)
        _lint_text(guide.next_step, field="下一步", status=guide.status, find=find)
        for text in (*[passage.text for passage in guide.passages], guide.next_step):
            for placeholder in unknown_placeholders(text):
                find("body", "placeholder", f"机关资料里没有 {{{placeholder}}}")
        for key in guide.related:
            if key not in ids:
                find("related", "reference", f"没有编号为 {key} 的指南")
        for key in guide.forms:
            if key not in forms:
                find("forms", "reference", f"机关资料里没有表格 {key}")
        if guide.reviewed_on > on:
            find("reviewed_on", "review", f"复核日 {guide.reviewed_on} 在今天之后")
        elif (on - guide.reviewed_on).days > REVIEW_EVERY_DAYS:
            find("reviewed_on", "review", f"上次复核是 {guide.reviewed_on}，已超过一年")
    return findings


def _lint_phrasings(
    guide: Guide,
    *,
    fewest: int,
    asked_by: dict[str, str],
    find: Callable[[str, str, str], None],
) -> None:
    count = len(guide.phrasings)
    if not fewest <= count <= MOST_PHRASINGS:
        find(
            "phrasings",
            "phrasings",
            f"有 {count} 种问法，应为 {fewest} 到 {MOST_PHRASINGS} 种，各指南数量要相近",
        )
    for phrasing in guide.phrasings:
        owner = asked_by.setdefault(phrasing, guide.id)
        if owner != guide.id:
            find("phrasings", "phrasings", f"问法“{phrasing}”与指南 {owner} 重复")


def _lint_text(
    text: str, *, field: str, status: str, find: Callable[[str, str, str], None]
) -> None:
    if len(text) > LONGEST_ANSWER:
        find(field, "length", f"共 {len(text)} 字，超过 {LONGEST_ANSWER} 字")
    for sentence in _SENTENCE_END.split(_URL.sub("", text)):
        spoken = sentence.strip().lstrip("-①②③④⑤⑥0123456789.、 ")
        if len(spoken) > LONGEST_SENTENCE:
            find(
                field, "sentence", f"这句有 {len(spoken)} 字，超过 {LONGEST_SENTENCE} 字：{spoken}"
            )
        for name, rule, excused in _OLD_RULES:
            if rule.search(spoken) and not excused.search(spoken):
                find(field, "old-rule", f"“{name}”是已废止的规定，不能当现行规定写：{spoken}")
    for words in _VAGUE:
        if words in text:
            find(field, "wording", f"不用“{words}”，写清是哪条规定、该怎么做")
    if "这里是咨询，不是" in text:
        find(field, "repeated", "“这里是咨询，不是申请”由程序统一加在每个回答后面，指南里不用写")
    if status == UNVERIFIED and _ARTICLE_NUMBER.search(text):
        find(field, "unverified", "待核的指南不写条号")
    if "！" in text or "!" in text:
        find(field, "wording", "不用感叹号")
