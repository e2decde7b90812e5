"""Drafts and approved answers as JSON: sealed while they are ours, plain once they are public."""

from typing import Any

from cri_shared.events.research import Account as AccountHeard
from cri_shared.events.research import AnswerApproved
from cri_shared.events.research import Source as SourceHeard
from cri_shared.places import canonical_language
from pydantic import TypeAdapter

from cri_publishing.rules.draft import DEFAULT_EMBARGO_DAYS, Account, Draft, Source, Text

_DRAFT = TypeAdapter(Draft)


def draft_json(draft: Draft) -> str:
    """A draft as text, to be sealed."""
    return _DRAFT.dump_json(draft).decode()


def draft_of_json(text: str) -> Draft:
    """The draft in a text, of a sealed draft or of a JSON column."""
    return _DRAFT.validate_json(text)


def draft_plain(draft: Draft) -> dict[str, Any]:
    """A published draft as a JSON column."""
    plain: dict[str, Any] = _DRAFT.dump_python(draft, mode="json")
    return plain


def draft_of_plain(plain: dict[str, Any]) -> Draft:
    """The draft in a JSON column."""
    return _DRAFT.validate_python(plain)


def draft_of_answer(answer: AnswerApproved) -> Draft:
    """The first draft of an entry: what research approved, before an editor made it public."""
    text = Text(canonical_language(answer.language), answer.question, answer.text)
    return Draft(
        country=answer.country,
        region=answer.region or "",
        topics=answer.topics,
        outcome=answer.outcome,
        sensitivity=answer.sensitivity,
        information_date=answer.information_date,
        period_from=answer.period_from,
        period_to=answer.period_to,
        texts=(text,),
        sources=tuple(source_of(source) for source in answer.sources),
        accounts=accounts_of(answer),
        tried=answer.tried or "",
        answered_by=answer.answered_by or "",
        embargo_days=DEFAULT_EMBARGO_DAYS,
    )


def accounts_of(answer: AnswerApproved) -> tuple[Account, ...]:
    """Both accounts of a conflicting answer; where only the second came, its text is the first."""
    accounts = tuple(_account(account) for account in answer.accounts)
    if answer.outcome == "conflicting" and len(accounts) == 1:
        own = Account(answer.text, canonical_language(answer.language), answer.information_date)
        return (own, *accounts)
    return accounts


def _account(account: AccountHeard) -> Account:
    return Account(account.text, canonical_language(account.language), account.information_date)


def source_of(source: SourceHeard) -> Source:
    """A source of an answer, in the shape that an editor works on."""
    return Source(
        kind=source.kind,
        label=source.label,
        publisher=source.publisher or "",
        url=source.url or "",
        published_on=source.published_on,
        consulted_on=source.consulted_on,
        primary=source.primary,
        quotes=source.quotes,
    )
