"""The bodies that the API takes and gives, documented for those who script against it."""

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from bot.desk.inquiries import LONGEST_TEXT
from handlers.web.sessions import LONGEST_SESSION

LONGEST_KEY = 200
LONGEST_NOTE = 1_000

Rating = Literal["very_satisfied", "satisfied", "mostly", "dissatisfied", "very_dissatisfied"]


def is_blank(text: str) -> bool:
    """Whether a text shows nothing: spaces of any kind, control and format characters."""
    return all(unicodedata.category(character)[0] in "ZC" for character in text)


def _not_blank(text: str) -> str:
    if is_blank(text):
        raise PydanticCustomError("blank", "nothing is written")
    return text


Text = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_not_blank)]
Session = Annotated[str, Field(max_length=LONGEST_SESSION), AfterValidator(_not_blank)]
Key = Annotated[str, Field(max_length=LONGEST_KEY), AfterValidator(_not_blank)]


class Question(BaseModel):
    """A citizen's words."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "交了申请表多久给答复"}]})

    text: Text = Field(description=f"What the citizen says, at most {LONGEST_TEXT} characters.")
    session: Session | None = Field(
        default=None,
        description=(
            "Who is asking, so that follow-up questions belong together: the `session` of an "
            "earlier response. One that you choose yourself must be as hard to guess as a "
            "password, since whoever knows it goes on with that person's consultation. Left "
            "out, each request is a new person."
        ),
    )


class Choice(BaseModel):
    """What the citizen picked of the offered choices."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"guide_id": "C01"}]})

    guide_id: Key = Field(description='One of the offered `guide_id`s, or "none" (都不是).')


class RatingGiven(BaseModel):
    """How satisfied the citizen is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"value": "satisfied"}]})

    value: Rating
    reason: Annotated[str, Field(max_length=LONGEST_NOTE)] | None = Field(
        default=None, description="Why, in the citizen's words."
    )


class Escalation(BaseModel):
    """A wish to be answered by a person."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "上午方便接电话"}]})

    note: Annotated[str, Field(max_length=LONGEST_NOTE)] | None = Field(
        default=None, description="What the staff should know besides."
    )


class Message(BaseModel):
    """More words in the same consultation."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "那超过多少件才收", "idempotency_key": "7f3a"}]}
    )

    text: Text
    idempotency_key: Key = Field(description="Names this message: sent again, it is not doubled.")


class GivenAnswer(BaseModel):
    """A passage of a guide in force, quoted with its basis."""

    text: str
    guide_id: str
    guide_version: str = Field(description="Digest of the guide as it was quoted.")
    guide_title: str
    passage: str
    basis: list[str]
    in_force_since: str = Field(description="A date, YYYY-MM-DD.")
    source_url: str | None
    understood_as: str | None = Field(
        description=(
            "How the question was understood, as one Chinese sentence that quotes the guide; "
            "null if the guide was picked, or is given in an emergency."
        )
    )


class OfferedChoice(BaseModel):
    """A guide that may be what was meant."""

    guide_id: str
    title: str


class Said(BaseModel):
    """Something said to the citizen, in the words that the web page shows."""

    kind: str
    at: str = Field(description="A moment with its offset, ISO 8601.")
    text: str


class ConsultationGiven(BaseModel):
    """A consultation as the request left it, or as it now is when it is looked up."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "receipt": "26112348207314",
                    "state": "open",
                    "outcome": None,
                    "expected_outcome": "ANSWERED_KB",
                    "decision": "answer",
                    "probability": 0.93,
                    "answers": [
                        {
                            "text": "最迟20个工作日答复；能当场答复的，当场答复。",
                            "guide_id": "C01",
                            "guide_version": "b1946ac92492d2347c6235b4d2611184",
                            "guide_title": "多久答复",
                            "passage": "答案",
                            "basis": ["《政府信息公开条例》第三十三条（2019年5月15日起施行）"],
                            "in_force_since": "2019-05-15",
                            "source_url": None,
                            "understood_as": "按“多久答复”理解您的问题。",
                        }
                    ],
                    "choices": [],
                    "next_step": "告诉我哪天交的、怎么交的，我把日子算给您看。",
                    "replies": [],
                }
            ]
        }
    )

    receipt: str = Field(description="14 digits.")
    state: Literal["open", "closed"]
    outcome: str | None = Field(description="The outcome's code; null while open.")
    expected_outcome: str | None = Field(description="What it becomes if nobody objects.")
    decision: Literal["answer", "clarify", "hand_over", "refer", "decline"]
    probability: float = Field(description="That the first candidate is right, from 0 to 1.")
    answers: list[GivenAnswer] = Field(description="The main topic's first; empty when none.")
    choices: list[OfferedChoice]
    next_step: str | None
    replies: list[Said] = Field(
        description=(
            "What was said because of this request; when looked up, everything said so far, a "
            "staff member's reply (`staff_reply`) included."
        )
    )


class ConsultationOpened(ConsultationGiven):
    """What a first question comes to."""

    session: str = Field(description="Send it along with the next question of the same person.")
    retrieval_code: str = Field(description="Four digits; authorises later calls.")


class Problem(BaseModel):
    """Why a request was refused."""

    detail: str = Field(description="One Chinese sentence for people.")


class FieldProblem(Problem):
    """Why a request was refused, and which field is to blame."""

    field: str
