"""Everything that a message means to the desk: what kind it is, what answers it, how sure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

from knowledge import scope
from knowledge.compound import split
from knowledge.corpus import Entry
from knowledge.dates import Filing, find_filing
from knowledge.guides import Guide, in_force
from knowledge.ladder import Decision, Quote, Verdict, climb
from knowledge.lexicon import read_list
from knowledge.matching import NO_MATCH, Match, Matcher
from knowledge.scope import Barred
from knowledge.smalltalk import Command, SmallTalk, command, small_talk
from knowledge.text import is_traditional, normalise
from knowledge.weights import Weights, fitted
from knowledge.words import Words

QUESTION: Literal["question"] = "question"
EMERGENCY_OUTCOME = "REFERRED_EMERGENCY"
SHORT = 14
"""Characters of a message that may lean on what came before."""

Kind = Literal["question"] | SmallTalk | Command

_LEANING = re.compile(
    r"那(?!个|里|些|边|种|位)|那么|那个呢|这个呢|它|还要|还有|如果|要是|要$|呢$|具体"
)


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a message means.

    ``kind`` is ``"question"`` or the small talk or act that it is; only of a question does the
    ``verdict`` say what to do. ``match`` is that of the whole message. ``elliptical`` is true of a
    question that makes sense only with what came before; ``filing`` is the day on which the asker
    says an application was made; ``traditional`` says in which characters to reply.
    """

    kind: Kind
    verdict: Verdict
    match: Match
    elliptical: bool
    filing: Filing | None
    traditional: bool


class Reader:
    """Reads messages with the guides. Built once for a version of the guides, shared by threads.

    ``tmp_dir`` is a private folder where the word cutter may keep its dictionary for a faster
    start. Raises ValueError if there is no guide.
    """

    def __init__(
        self,
        guides: Sequence[Guide],
        *,
        tmp_dir: Path | None = None,
        weights: Weights | None = None,
    ) -> None:
        self._guides = tuple(guides)
        self._weights = weights or fitted()
        self._words = Words(tmp_dir=tmp_dir)
        self._matcher = Matcher(
            [entry_of(guide) for guide in guides], words=self._words, weights=self._weights
        )
        self._aspects = frozenset(read_list("aspects"))

    def read(self, text: str, *, today: date, about: str | None = None) -> Understanding:
        """What the message means on that day.

        ``about`` is the id of the guide that this asker was last given, if the consultation is
        still open. The same message always gives the same result; safe in any thread. Takes about
        2 ms with the embedded guides.
        """
        filing, traditional = find_filing(text, today=today), is_traditional(text)
        kind: Kind = command(text) or small_talk(text) or QUESTION
        if kind != QUESTION:
            return Understanding(
                kind=kind,
                verdict=Verdict(Decision.DECLINE, reason=str(kind)),
                match=NO_MATCH,
                elliptical=False,
                filing=filing,
                traditional=traditional,
            )
        outcomes = {guide.id: guide.outcome for guide in in_force(self._guides, on=today)}
        elliptical = self._leans(text)
        match = NO_MATCH
        verdict = self._barred(text, outcomes=outcomes)
        if verdict is None:
            match = self._matched(text, about=about if elliptical else None)
            verdict = self._decided(text, match, outcomes=outcomes)
        return Understanding(
            kind=QUESTION,
            verdict=verdict,
            match=match,
            elliptical=elliptical,
            filing=filing,
            traditional=traditional,
        )

    def _barred(self, text: str, *, outcomes: Mapping[str, str]) -> Verdict | None:
        barred = scope.barred(text)
        if barred is None:
            return None
        if barred is not Barred.EMERGENCY:
            return Verdict(Decision.DECLINE, reason=str(barred))
        answers = tuple(
            Quote(key, 0) for key, outcome in outcomes.items() if outcome == EMERGENCY_OUTCOME
        )[:1]
        decision = Decision.REFER if answers else Decision.HAND_OVER
        return Verdict(decision, answers=answers, reason=str(barred))

    def _matched(self, text: str, *, about: str | None) -> Match:
        """The match with what came before, unless the words alone say more."""
        alone = self._matcher.match(text)
        if about is None:
            return alone
        together = self._matcher.match(text, about=about)
        return max(alone, together, key=lambda match: match.probability)

    def _decided(self, text: str, match: Match, *, outcomes: Mapping[str, str]) -> Verdict:
        whole = self._climb(match, outcomes=outcomes)
        parts = split(text)
        if len(parts) == 1:
            return whole
        first = self._matcher.match(parts[0])
        topic = first.candidates[0].id if first.candidates else None
        verdicts = [self._climb(first, outcomes=outcomes)]
        for part in parts[1:]:
            found = self._matched(part, about=topic if self._leans(part) else None)
            verdicts.append(self._climb(found, outcomes=outcomes))
        answers = list(dict.fromkeys(quote for one in verdicts for quote in one.answers))
        guides = {quote.guide_id for quote in answers}
        if len(guides) < 2 or len(guides) < len(answers) or not verdicts[0].answers:
            return whole
        unanswered = tuple(
            part for part, one in zip(parts, verdicts, strict=True) if not one.answers
        )
        return replace(
            verdicts[0],
            decision=Decision.HAND_OVER if unanswered else Decision.ANSWER,
            answers=tuple(answers),
            probability=min(one.probability for one in verdicts if one.answers),
            reason="several_parts",
            open_parts=unanswered,
        )

    def _climb(self, match: Match, *, outcomes: Mapping[str, str]) -> Verdict:
        return climb(match, outcome_of=outcomes, thresholds=self._weights.thresholds)

    def _leans(self, text: str) -> bool:
        """Whether the message makes sense only with what came before."""
        normal = normalise(text)
        if len(normal) > SHORT:
            return False
        if _LEANING.match(normal):
            return True
        return all(word in self._aspects for word in self._words.content(normal))


def entry_of(guide: Guide) -> Entry:
    """A guide as it is matched: title, phrasings, and its passages with their headings."""
    return Entry(
        id=guide.id,
        title=guide.title,
        phrasings=guide.phrasings,
        passages=tuple(f"{passage.heading}\n{passage.text}" for passage in guide.passages),
        related=guide.related,
    )
