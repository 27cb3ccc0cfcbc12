"""What the office's forms ask: their fields, notes and a filled example, as data.

The fields are those of the Regulation on the Disclosure of Government Information (2019): Article
29 for an application, Article 41 for a correction; and of the Civil Code, Article 165, for an
authorisation. None asks what the information is wanted for: that rule ended on 2019-05-15.
"""

import math
from dataclasses import dataclass

from knowledge.office import Office

YOUR_NUMBER = "（示例，请填本人证件号码）"
ORGANISATION_NUMBER = "（示例，请填本单位统一社会信用代码）"
YOUR_PHONE = "（示例，填本人电话）"
UNTICKED, TICKED = "□", "■"  # both are in every Chinese font; a ticked box is not


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in: a label, and what the example answers.

    ``hint`` is printed small under the label. With ``choices``, the cell shows a box before each,
    and ``chosen`` are those that the example ticks. ``lines`` is the room for writing.
    """

    label: str
    example: str = ""
    hint: str = ""
    choices: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    lines: int = 1

    def text(self, *, filled: bool) -> str:
        """What stands in the cell of the blank form, or of the filled example."""
        if not self.choices:
            return self.example if filled else ""
        boxes = [
            f"{TICKED if filled and choice in self.chosen else UNTICKED}{choice}"
            for choice in self.choices
        ]
        in_a_line = math.ceil(len(boxes) / self.lines)
        return "\n".join(
            "　".join(boxes[first : first + in_a_line])
            for first in range(0, len(boxes), in_a_line)
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under one heading; each row has one field or two side by side."""

    title: str
    rows: tuple[tuple[Field, ...], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One form: ``addressee`` opens it, ``signatures`` (label and example) and ``notes`` close it.

    ``registration`` is what the office fills in on a form that is handed in.
    """

    key: str
    title: str
    audience: str
    addressee: str
    groups: tuple[Group, ...]
    signatures: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    registration: Group | None = None


def sheets(office: Office) -> tuple[Sheet, ...]:
    """The office's four forms."""
    return (
        application_by_a_person(office),
        application_by_an_organisation(office),
        authorisation(office),
        correction(office),
    )


def application_by_a_person(office: Office) -> Sheet:
    """The application of Article 29 for a citizen."""
    village = _village(office)
    applicant = Group(
        "申请人",
        (
            (Field("姓名", "王示例"), Field("证件名称", "居民身份证")),
            (Field("证件号码", YOUR_NUMBER, hint="附证件复印件"),),
            (Field("联系电话", YOUR_PHONE), Field("电子邮箱", "shili@mail.example", hint="选填")),
            (Field("通信地址", village), Field("邮政编码", office.postcode)),
        ),
    )
    return Sheet(
        key="application-person",
        title="政府信息公开申请表",
        audience="公民用",
        addressee=office.name,
        groups=(applicant, _wanted(office), _manner()),
        signatures=(("申请人（签名）", "王示例"), ("申请日期", "2026年11月2日")),
        notes=_application_notes(office, "居民身份证、护照等证件的复印件"),
        registration=_registration(),
    )


def application_by_an_organisation(office: Office) -> Sheet:
    """The application of Article 29 for a legal person or another organisation."""
    applicant = Group(
        "申请人",
        (
            (Field("名称", f"{office.place}示例种植专业合作社"),),
            (Field("证件名称", "营业执照", hint="附证件复印件"), Field("联系人", "王示例")),
            (Field("证件号码", ORGANISATION_NUMBER),),
            (
                Field("联系电话", "（示例，填联系电话）"),
                Field("电子邮箱", "hezuoshe@mail.example", hint="选填"),
            ),
            (Field("通信地址", _village(office)), Field("邮政编码", office.postcode)),
        ),
    )
    return Sheet(
        key="application-organisation",
        title="政府信息公开申请表",
        audience="法人或者其他组织用",
        addressee=office.name,
        groups=(applicant, _wanted(office), _manner()),
        signatures=(
            ("申请单位（盖章）", "（示例，请加盖单位公章）"),
            ("申请日期", "2026年11月2日"),
        ),
        notes=_application_notes(office, "营业执照等证件的复印件，证件号码填统一社会信用代码"),
        registration=_registration(),
    )


def authorisation(office: Office) -> Sheet:
    """The letter by which someone has another act for them before the office."""
    return Sheet(
        key="authorisation",
        title="授权委托书",
        audience="办理政府信息公开事项用",
        addressee=office.name,
        groups=(
            Group(
                "委托人",
                (
                    (Field("姓名或名称", "王示例"), Field("证件名称", "居民身份证")),
                    (Field("证件号码", YOUR_NUMBER, hint="附证件复印件"),),
                    (Field("联系电话", YOUR_PHONE), Field("通信地址", _village(office))),
                ),
            ),
            Group(
                "受托人",
                (
                    (Field("姓名", "李示例"), Field("证件名称", "居民身份证")),
                    (
                        Field(
                            "证件号码",
                            "（示例，请填受托人证件号码）",
                            hint="附证件复印件",
                        ),
                    ),
                    (
                        Field("联系电话", "（示例，填受托人电话）"),
                        Field("通信地址", f"{office.place}示例路1号"),
                    ),
                ),
            ),
            Group(
                "委托事项",
                (
                    (
                        Field(
                            "事项",
                            choices=("政府信息公开申请", "政府信息更正申请"),
                            chosen=("政府信息公开申请",),
                        ),
                    ),
                    (
                        Field(
                            "所涉信息",
                            _document(office),
                            hint="名称、文号等",
                            lines=2,
                        ),
                    ),
                    (
                        Field(
                            "代理权限",
                            choices=(
                                "提交申请",
                                "补正申请",
                                "变更或者撤回申请",
                                "签收文书",
                                "查阅、领取信息",
                            ),
                            chosen=("提交申请", "补正申请", "签收文书", "查阅、领取信息"),
                            lines=2,
                        ),
                    ),
                    (
                        Field(
                            "委托期限",
                            "2026年11月2日至2027年1月31日",
                            hint="起止日期",
                        ),
                    ),
                ),
            ),
        ),
        signatures=(
            ("委托人（签名或者盖章）", "王示例"),
            ("委托日期", "2026年11月2日"),
            ("受托人（签名）", "李示例"),
            ("接受日期", "2026年11月2日"),
        ),
        notes=(
            "委托人是单位的，写单位名称并加盖公章；是公民的，由本人签名。",
            "请附委托人和受托人的证件复印件。受托人是律师的，另附律师执业证复印件和律师事务所公函。",
            "代理权限逐项选择，没有选的事项受托人不能代办。",
            "本委托书随申请表一起提交。",
            _contact(office),
        ),
    )


def correction(office: Office) -> Sheet:
    """The request of Article 41 to correct a record about the applicant."""
    return Sheet(
        key="correction",
        title="政府信息更正申请表",
        audience="公民、法人或者其他组织用",
        addressee=office.name,
        groups=(
            Group(
                "申请人",
                (
                    (Field("姓名或名称", "王示例"), Field("证件名称", "居民身份证")),
                    (Field("证件号码", YOUR_NUMBER, hint="附证件复印件"),),
                    (Field("联系电话", YOUR_PHONE), Field("邮政编码", office.postcode)),
                    (Field("通信地址", _village(office)),),
                ),
            ),
            Group(
                "要求更正的信息",
                (
                    (Field("名称", "2026年示例补助对象公示名单"),),
                    (Field("文号", "无"), Field("提供的机关", office.name)),
                    (
                        Field(
                            "其他特征",
                            "2026年9月10日在政府网站公示，第3页第12行",
                            hint="时间、位置",
                        ),
                    ),
                    (
                        Field(
                            "现在的记录",
                            "王示例户，补助面积1.2亩",
                            hint="与自身相关",
                            lines=2,
                        ),
                    ),
                    (Field("应当更正为", "王示例户，补助面积2.1亩", lines=2),),
                ),
            ),
            Group(
                "证据",
                (
                    (
                        Field(
                            "证据材料",
                            "1. 补助审批表复印件1份\n2. 面积核实表复印件1份",
                            hint="名称和份数",
                            lines=3,
                        ),
                    ),
                ),
            ),
        ),
        signatures=(("申请人（签名或者盖章）", "王示例"), ("申请日期", "2026年11月2日")),
        notes=(
            "只能要求更正与本人或者本单位有关的记录，并附上能证明记录不准确的证据。",
            "向提供这条信息的行政机关提出。它无权更正的，会转送有权的机关并告知您，"
            "或者告知您向哪个机关提出。",
            "委托他人办理的，另附授权委托书。",
            _contact(office),
        ),
        registration=_registration(),
    )


def _wanted(office: Office) -> Group:
    return Group(
        "所需信息",
        (
            (Field("名称", _document(office), lines=2),),
            (Field("文号", "不清楚"),),
            (
                Field(
                    "其他特征性描述",
                    f"{office.name}2025年上半年印发，讲县城和乡镇供水管网改造，"
                    f"附有{_county(office)}的项目清单。",
                    hint="机关、时间等",
                    lines=3,
                ),
            ),
        ),
    )


def _manner() -> Group:
    return Group(
        "形式要求",
        (
            (
                Field(
                    "获取信息的方式",
                    choices=("纸质文件", "电子文件", "现场查阅、抄录"),
                    chosen=("纸质文件",),
                ),
            ),
            (
                Field(
                    "获取信息的途径",
                    choices=("当面领取", "邮寄", "电子邮件", "网上平台"),
                    chosen=("邮寄",),
                ),
            ),
        ),
    )


def _registration() -> Group:
    # The day and way of receipt decide when the time limit begins (Regulation, Article 31).
    return Group(
        "机关填写",
        (
            (
                Field("收到日期"),
                Field("收到方式", choices=("当面", "邮寄", "网上", "传真"), lines=2),
            ),
            (Field("登记编号"), Field("经办人")),
        ),
    )


def _application_notes(office: Office, proof: str) -> tuple[str, ...]:
    return (
        f"申请人、所需信息、形式要求三栏都要填，并附{proof}。",
        "信息的名称、文号、特征，知道哪项写哪项，写得越具体越好找。一张表最好只写一件事。",
        "不需要写申请的用途。书写确有困难的，可以口头提出，由工作人员代填。",
        "委托他人办理的，另附授权委托书和受托人的证件复印件。",
        "向其他行政机关申请的，把抬头的机关名称改为该机关。",
        f"网上提交：{office.apply_url}。传真：{office.fax}。当面或者邮寄提交的地址见下。",
        _contact(office),
    )


def _contact(office: Office) -> str:
    return (
        f"受理机构：{office.unit}，{office.address}（邮编{office.postcode}），"
        f"电话{office.phone}。办公时间：{office.hours_text()}。"
    )


def _document(office: Office) -> str:
    return f"{office.place}城乡供水改造实施方案（示例）"


def _county(office: Office) -> str:
    return next(iter(office.counties.values())).name


def _village(office: Office) -> str:
    return f"{office.place}{_county(office)}示例镇示例村1号"
