"""Everything that a message means to the desk: what kind it is, what answers it, how sure."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, zip_longest
from threading import Lock
from typing import Literal

from knowledge import scope
from knowledge.borrowing import bare_of_the_field, with_borrowed
from knowledge.compound import split
from knowledge.corpus import Entry, wordings_of
from knowledge.dates import Filing, find_filing
from knowledge.encoder import Encoder, EncoderError
from knowledge.guides import Guide, in_force, load_guides
from knowledge.ladder import MOST_CHOICES, Decision, Quote, Verdict, climb
from knowledge.lexicon import longest_first, read_list
from knowledge.matching import NO_MATCH, Match, Matcher
from knowledge.scope import Barred
from knowledge.smalltalk import Command, SmallTalk, command, small_talk
from knowledge.text import is_traditional, normalise
from knowledge.words import Words

QUESTION: Literal["question"] = "question"
SHORT = 14
"""Characters of a message that may lean on what came before."""

FOLLOWING = 0.35
"""The probability that is enough for a guide that is asked for after the one before."""

CERTAIN = 0.995
"""The probability from which on a question about another matter is answered all the same."""

Kind = Literal["question"] | SmallTalk | Command

_SENT_ON = {
    Barred.DESPAIR: "REFERRED_EMERGENCY",
    Barred.EMERGENCY: "REFERRED_EMERGENCY",
    Barred.GRIEVANCE: "REFERRED_12345",
    Barred.PETITION: "REFERRED_PETITION",
}
_IN_DANGER = frozenset((Barred.DESPAIR, Barred.EMERGENCY))
_PASSAGES = {Barred.DESPAIR: "有人想不开"}
"""The heading of the passage that is said, where it is not the guide's first."""
_UNNAMED = "申请信息公开"
_HANDS_IN = re.compile("[交寄递]")
_CLAUSE_END = re.compile(r"[，,。；;？?！!、\n]+")
_DAY = re.compile("(?:上|下|这|本)?个?(?:周|星期|礼拜)[一二三四五六日天末]|今天|明天|后天|下个?月")
_LEANING = re.compile(r"那(?!个|里|些|边|种|位)|它|还要|还有|如果|要是|具体")


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


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The guides of one day, ready for matching."""

    guides: tuple[Guide, ...]
    matcher: Matcher | None
    outcomes: Mapping[str, str]
    next_to: Mapping[str, frozenset[str]]


class Reader:
    """Reads messages with the guides. Built once for a version of the guides, shared by threads.

    Only guides in force are matched; on the day on which one begins or ends, the first message
    read waits for the new index (0.2 s with the embedded ones).
    """

    def __init__(self, guides: Sequence[Guide]) -> None:
        self._guides = tuple(guides)
        self._words = Words()
        self._encoders: tuple[Encoder, Encoder | None] | None = None
        aspects = map(re.escape, longest_first(read_list("aspects")))
        self._aspects = re.compile("|".join(aspects))
        self._building = Lock()
        self._shelf = self._filled(self._guides)
        self._day: date | None = None

    @property
    def has_learnt(self) -> bool:
        """Whether an encoder is asked."""
        return self._encoders is not None

    def learn(self, encoder: Encoder, *, guides: Encoder | None = None) -> None:
        """Ask this encoder from now on where words alone do not settle what is meant.

        ``guides`` encodes the guides' own words, where these are remembered. Returns when that is
        done, up to minutes later; messages are read meanwhile as before. Raises EncoderError.
        """
        # Those that are not in force yet too, so that no message waits on the day they are.
        later = [entry_of(guide) for guide in self._guides if guide not in self._shelf.guides]
        texts = [text for entry in later for text in wordings_of(entry)]
        if texts:
            (guides or encoder).encode(texts, asked=True)
        while True:
            shelf = self._shelf
            if shelf.matcher is not None:
                shelf.matcher.learn(encoder, guides=guides)
            with self._building:
                if shelf is self._shelf:  # else the day has turned meanwhile
                    self._encoders = (encoder, guides)
                    return

    def read(self, text: str, *, today: date, about: str | None = None) -> Understanding:
        """What the message means on that day.

        ``about`` is the id of the guide that this asker was last given, if the consultation is
        still open. The same message always gives the same result; safe in any thread. Takes about
        4 ms with the embedded guides, and 20 more if the encoder is asked.
        """
        filing, traditional = find_filing(text, today=today), is_traditional(text)
        # Words of danger go before everything else that a message may be.
        said = None if scope.barred(text) in _IN_DANGER else command(text) or small_talk(text)
        kind: Kind = said or QUESTION
        if kind != QUESTION:
            return Understanding(
                kind=kind,
                verdict=Verdict(Decision.DECLINE, reason=str(kind)),
                match=NO_MATCH,
                elliptical=False,
                filing=filing,
                traditional=traditional,
            )
        shelf = self._shelf_on(today)
        if shelf.matcher is not None:
            text = shelf.matcher.corpus.spelt_out(text)
        elliptical = self._leans(text)
        match = NO_MATCH
        verdict = self._barred(text, shelf=shelf)
        if verdict is None:
            about = about if elliptical else None
            match = self._matched(text, about=about, shelf=shelf)
            # Who tells a day asks for nothing else by it.
            before = about if filing is None else None
            verdict = self._decided(text, match, about=before, shelf=shelf)
        if elliptical and not verdict.answers and (about or _HANDS_IN.search(text)):
            # What is handed in or followed up without being named is an application.
            named = self._matched(_UNNAMED + normalise(text), about=about, shelf=shelf)
            sure = self._climb(named, about=about, leaning=True, shelf=shelf)
            if sure.answers or verdict.reason == "off_topic":
                match, verdict = named, sure
        return Understanding(
            kind=QUESTION,
            verdict=verdict,
            match=match,
            elliptical=elliptical,
            filing=filing,
            traditional=traditional,
        )

    def _shelf_on(self, today: date) -> _Shelf:
        with self._building:
            if today != self._day:
                guides = in_force(self._guides, on=today)
                if guides != self._shelf.guides:
                    self._shelf = self._filled(guides)
                self._day = today
            return self._shelf

    def _filled(self, guides: Sequence[Guide]) -> _Shelf:
        entries = lent([entry_of(guide) for guide in guides], words=self._words)
        matcher = Matcher(entries, words=self._words) if entries else None
        if matcher is not None and self._encoders is not None:
            with suppress(EncoderError):
                matcher.learn(self._encoders[0], guides=self._encoders[1])
        return _Shelf(
            guides=tuple(guides),
            matcher=matcher,
            outcomes={guide.id: guide.outcome for guide in guides},
            next_to={guide.id: frozenset((guide.id, *guide.related)) for guide in guides},
        )

    def _barred(self, text: str, *, shelf: _Shelf) -> Verdict | None:
        """What is decided without looking up, or None if the message is to be looked up."""
        barred = scope.barred(text)
        if barred is None:
            return None
        if barred not in _SENT_ON:
            return Verdict(Decision.DECLINE, reason=str(barred))
        for guide in self._senders(text, barred=barred, shelf=shelf):
            headings = [passage.heading for passage in guide.passages]
            wanted = _PASSAGES.get(barred)
            number = headings.index(wanted) if wanted in headings else 0
            quote = Quote(guide.id, number)
            return Verdict(Decision.REFER, answers=(quote,), reason=str(barred))
        if barred in _IN_DANGER:
            return Verdict(Decision.HAND_OVER, reason=str(barred))
        return None

    def _senders(self, text: str, *, barred: Barred, shelf: _Shelf) -> list[Guide]:
        """The guides that send such a message on, of a petition the nearest to its words first."""
        senders = {guide.id: guide for guide in shelf.guides if guide.outcome == _SENT_ON[barred]}
        if barred is not Barred.PETITION:
            return list(senders.values())
        match = self._matched(text, about=None, shelf=shelf)
        nearest = [senders.pop(one.id) for one in match.candidates if one.id in senders]
        return [*nearest, *senders.values()]

    def _matched(self, text: str, *, about: str | None, shelf: _Shelf) -> Match:
        """The match with what came before, unless the words alone say enough, or more."""
        if shelf.matcher is None:
            return Match(normal=normalise(text), candidates=(), probability=0.0, known=1.0)
        alone = shelf.matcher.match(text)
        if about is None or alone.probability >= shelf.matcher.thresholds(alone).answer:
            return alone
        together = shelf.matcher.match(text, about=about)
        return max(alone, together, key=lambda match: match.probability)

    def _decided(self, text: str, match: Match, *, about: str | None, shelf: _Shelf) -> Verdict:
        whole = self._climb(match, about=about, leaning=self._leans(text), shelf=shelf)
        parts = split(text)
        if len(parts) == 1:
            return self._with_grievance(text, whole, shelf=shelf)
        first = self._matched(parts[0], about=None, shelf=shelf)
        topic = first.candidates[0].id if first.candidates else None
        verdicts: list[Verdict] = []
        confirmed = None
        for part in parts[1:]:
            leaning = self._leans(part)
            before = topic if leaning else None
            found = self._matched(part, about=before, shelf=shelf)
            if before and _follows(found, before, shelf=shelf):
                confirmed = before
            verdicts.append(self._climb(found, about=before, leaning=leaning, shelf=shelf))
        start = self._climb(first, about=confirmed, leaning=self._leans(parts[0]), shelf=shelf)
        verdicts.insert(0, start)
        return _combined(whole, parts=parts, verdicts=verdicts)

    def _with_grievance(self, text: str, verdict: Verdict, *, shelf: _Shelf) -> Verdict:
        """The answer, followed by where to take what else somebody complains of in the message."""
        if verdict.decision != Decision.ANSWER:
            return verdict
        for piece in filter(None, _CLAUSE_END.split(text)):
            if scope.barred(piece) is Barred.GRIEVANCE:
                referral = self._barred(piece, shelf=shelf)
                more = () if referral is None else referral.answers
                answers = tuple(dict.fromkeys((*verdict.answers, *more)))
                return replace(verdict, answers=answers, reason="several_parts")
        return verdict

    def _climb(self, match: Match, *, about: str | None, leaning: bool, shelf: _Shelf) -> Verdict:
        """The verdict on a match.

        Words that name no matter (要带什么) send nobody elsewhere. With what came before, less
        is enough for what is asked for next.
        """
        if shelf.matcher is None:
            return Verdict(Decision.HAND_OVER, reason="no_guide")
        thresholds = shelf.matcher.thresholds(match)
        if scope.names_other_matter(match.normal):
            # A rule on applications for disclosure does not hold for any other application.
            thresholds = replace(thresholds, answer=CERTAIN)
        if leaning:
            thresholds = replace(thresholds, refer=1.0)
        if about is not None and _follows(match, about, shelf=shelf):
            thresholds = replace(thresholds, answer=min(thresholds.answer, FOLLOWING))
        return climb(match, outcome_of=shelf.outcomes, thresholds=thresholds)

    def _leans(self, text: str) -> bool:
        """Whether the message makes sense only with what came before."""
        normal = normalise(text)
        if len(normal) > SHORT:
            return False
        if scope.is_off_topic(normal) or scope.names_other_matter(normal):
            return False
        if _LEANING.match(normal):
            return True
        return not self._aspects.sub("", _DAY.sub("", normal)).strip()


def _follows(match: Match, about: str, *, shelf: _Shelf) -> bool:
    """Whether the first candidate is what was talked about or what is asked for next."""
    return bool(match.candidates) and match.candidates[0].id in shelf.next_to.get(about, ())


def _combined(whole: Verdict, *, parts: Sequence[str], verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict on several questions asked at once, or that on the whole where it says more."""
    answers = tuple(dict.fromkeys(quote for one in verdicts for quote in one.answers))
    given = {quote.guide_id for quote in answers}
    if not answers or (whole.answers and len(given) < 2):
        return whole
    unanswered = tuple(
        part
        for part, one in zip(parts, verdicts, strict=True)
        if one.decision == Decision.HAND_OVER
    )
    unsure = [one.choices for one in verdicts if one.decision == Decision.CLARIFY]
    offered = dict.fromkeys(chain.from_iterable(zip_longest(*unsure)))
    referred = all(one.decision == Decision.REFER for one in verdicts)
    decision = Decision.REFER if referred else Decision.ANSWER
    return Verdict(
        Decision.HAND_OVER if unanswered else decision,
        answers=answers,
        choices=tuple(key for key in offered if key and key not in given)[:MOST_CHOICES],
        probability=min(one.probability for one in verdicts if one.answers),
        reason="several_parts",
        open_parts=unanswered,
    )


def lent(entries: Sequence[Entry], *, words: Words) -> Sequence[Entry]:
    """The entries, with ways of asking lent by the embedded guides if most have none."""
    if 2 * len(bare_of_the_field(entries)) <= len(entries):
        return entries
    lenders = [entry_of(guide) for guide in load_guides() if guide.id[0].isupper()]
    return with_borrowed(entries, lenders=Matcher(lenders, words=words))


def entry_of(guide: Guide) -> Entry:
    """A guide as it is matched: title, phrasings, and its passages with their headings.

    What people still say though a newer rule has replaced it is a way of asking too.
    """
    return Entry(
        id=guide.id,
        title=guide.title,
        phrasings=guide.phrasings + tuple(one.saying for one in guide.outdated),
        passages=tuple(f"{passage.heading}\n{passage.text}" for passage in guide.passages),
        related=guide.related,
    )
