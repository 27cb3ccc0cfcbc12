import pytest

from handlers.replies import Button
from handlers.telegram.buttons import (
    NO_CHOICE,
    Act,
    Browse,
    Choice,
    Forget,
    OpenGuide,
    Rate,
    Settle,
    WantForm,
    callback,
    keyboard,
)

RECEIPT = "26112348207314"


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ("solved", Act(receipt=RECEIPT, kind="solved")),
        ("choose:C01", Choice(receipt=RECEIPT, guide_id="C01")),
        ("choose:none", Choice(receipt=RECEIPT, guide_id=NO_CHOICE)),
        ("rate:very_dissatisfied", Rate(receipt=RECEIPT, value="very_dissatisfied")),
        ("guide:C01", OpenGuide(guide_id="C01")),
        ("form:application-organisation", WantForm(key="application-organisation")),
        ("browse:-1:0", Browse(category=-1, page=0)),
        ("forget:yes", Forget(sure=True)),
        ("forget:no", Forget(sure=False)),
        ("send:7", Settle(draft_id=7, send=True)),
        ("drop:7", Settle(draft_id=7, send=False)),
    ],
)
def test_a_buttons_act_is_carried_and_read_again(act: str, expected: object) -> None:
    made = callback(act, receipt=RECEIPT)

    assert made == expected
    assert type(made).unpack(made.pack()) == expected


@pytest.mark.parametrize("act", ["choose:", "guide:"])
def test_the_longest_guide_id_fits(act: str) -> None:
    longest = "a" * 42

    assert len(callback(act + longest, receipt=RECEIPT).pack().encode()) <= 64


def test_short_labels_share_a_row_and_long_ones_have_their_own() -> None:
    buttons = [
        Button("怎么查已经公开的文件", "choose:A01"),
        Button("解决了", "solved"),
        Button("没解决", "unsolved"),
        Button("转人工", "escalate"),
        Button("办到哪了", "status"),
    ]

    made = keyboard(buttons, receipt=RECEIPT)

    assert made is not None
    assert [[button.text for button in row] for row in made.inline_keyboard] == [
        ["怎么查已经公开的文件"],
        ["解决了", "没解决", "转人工"],
        ["办到哪了"],
    ]


def test_without_buttons_there_is_no_keyboard() -> None:
    assert keyboard([]) is None
