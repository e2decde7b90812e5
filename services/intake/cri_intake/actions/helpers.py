"""An asker hands a question to an organisation, for as long as the asker wants."""

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from cri_shared.web.lanes import Guarded, Pace
from sqlalchemy import delete

from cri_intake.actions.news import tell
from cri_intake.actions.thread import add_message
from cri_intake.models import Case, Helper, HelperCode, PartnerOrganisation
from cri_intake.models.helpers import HELP_ENDED
from cri_intake.queries import helpers
from cri_intake.queries.organisations import Followed
from cri_intake.rig import Rig
from cri_intake.rules.codes import CodeUnknown, code_hash, code_of_form

# At this pace all of 10^12 codes take 95,000 years; of those that work there are a few at a time.
CODES = Guarded("codes", each=Pace(5, 6.0), longest=20.0, all=Pace(20, 3.0))


async def make_code(work: Work, rig: Rig, case: Case, may: str, form_id: str) -> str | None:
    """A code for one organisation; the same form gives the same, and None once that was used.

    A new one takes the place of one that nobody used.
    """
    await work.session.refresh(case, with_for_update=True)  # two clicks at once, one by one
    code = code_of_form(rig.pepper, case.question_id, form_id)
    earlier = await work.session.get(HelperCode, code_hash(rig.pepper, code))
    if earlier is not None:
        return code if earlier.used_by is None else None
    await take_code_back(work, case)
    work.session.add(
        HelperCode(
            code_hash=code_hash(rig.pepper, code),
            question_id=case.question_id,
            may=may,
            made_at=clock.now(),
        )
    )
    await audit.note(work, "helper.invited", case.question_id, by="asker", may=may)
    return code


async def take_code_back(work: Work, case: Case) -> None:
    """The code of a case that nobody used yet opens nothing any more."""
    unused = delete(HelperCode).where(
        HelperCode.question_id == case.question_id, HelperCode.used_by.is_(None)
    )
    await work.session.execute(unused)


async def use_code(
    work: Work, rig: Rig, code: str, organisation_id: str, *, by: Staff | None = None
) -> Case:
    """An organisation follows the question behind a code from now on; its asker is told.

    Raises `CodeUnknown`. The same code again, from the same organisation, changes nothing.
    """
    found = await helpers.code_behind(work.session, rig, code)
    if found is None or not found.opens_for(organisation_id):
        raise CodeUnknown
    case = await work.session.get_one(Case, found.question_id)
    if found.used_by is not None:
        return case
    found.used_by = organisation_id
    helper = Helper(
        question_id=case.question_id,
        organisation_id=organisation_id,
        may=found.may,
        since=clock.now(),
    )
    await work.session.merge(helper)
    who = by or (await work.session.get_one(PartnerOrganisation, organisation_id)).name
    facts = {"organisation_id": organisation_id, "may": found.may}
    await audit.note(work, "helper.came", case.question_id, by=who, **facts)
    await tell(work, rig, case)
    return case


async def end_help(
    work: Work, question_id: str, organisation_id: str, *, by: Staff | str = "asker"
) -> None:
    """An organisation follows a question no more; doing it again changes nothing."""
    helper = await work.session.get(Helper, (question_id, organisation_id))
    if helper is None:
        return
    used = delete(HelperCode).where(
        HelperCode.question_id == question_id, HelperCode.used_by == organisation_id
    )
    await work.session.execute(used)
    await work.session.delete(helper)
    facts = {"organisation_id": organisation_id}
    await audit.note(work, HELP_ENDED, question_id, by=by, **facts)


async def write_for_organisation(
    work: Work,
    rig: Rig,
    followed: Followed,
    organisation_id: str,
    text: str,
    *,
    form_id: str | None = None,
) -> None:
    """An organisation writes to the helpdesk, in its own name about what was handed to it.

    Raises `HelperMayNot` or `QuestionIsClosed`.
    """
    followed.must_write()
    about = await work.session.get_one(PartnerOrganisation, organisation_id)
    helper = about.name if followed.may != "own" else None
    await add_message(work, rig, followed.case, text, helper=helper, form_id=form_id)
