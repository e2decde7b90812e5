"""Writing at the desk: each look keeps the text, puts other words in it, and asks what is open."""

from cri_shared.identity.staff import Staff
from cri_shared.places import LANGUAGES
from cri_shared.privacy.detectors import CHECKLIST
from cri_shared.web.forms import N_, Submitted, read_form
from fastapi import Request
from fastapi.responses import Response

from cri_intake.actions import desk as actions
from cri_intake.actions import figures
from cri_intake.console.desk.forms import TextForm
from cri_intake.console.desk.page import Place, gate_of, show
from cri_intake.queries import askers, desk
from cri_intake.queries.desk import Gate
from cri_intake.rig import Rig
from cri_intake.rules.desk import Decision, Said, decision_in, rewritten


async def preview(request: Request, rig: Rig, staff: Staff, place: Place) -> Response:
    """Keep the text, look at it, and show it as it would leave once nothing is open."""
    form = await read_form(request, TextForm)
    if form.data is not None and form.data.language not in LANGUAGES:
        form.refuse("language", N_("Choose the language of the new text"))
    if form.data is not None and not form.errors:
        await _mark_missed(rig, staff, place, form)
    if form.data is None or form.errors:
        return await show(request, rig, staff, place, form=form)
    language = form.data.language
    before = await _said_before(rig, place)
    said, text = _decide(rig, form, await gate_of(rig, place, form.data.text, language), before)
    gate = await gate_of(rig, place, text, language)
    form.values["text"] = text
    async with rig.service.database.writing() as work:
        case = await desk.case_of(work.session, place.question_id)
        if place.purpose == actions.QUESTION:
            case.must_be_ready()
        draft = await actions.write_draft(
            work,
            rig,
            case,
            purpose=place.purpose,
            text=text,
            language=language,
            said=said,
            by=staff,
        )
        waits = _ask(form, said, gate)
        if not waits:
            actions.all_said(draft)
    if gate.leaks:
        form.refuse("text", actions.TextLeaks.message)
    template = "desk.html" if waits or form.errors else "release.html"
    return await show(
        request, rig, staff, place, template=template, form=form, gate=gate, draft=draft
    )


async def _mark_missed(rig: Rig, staff: Staff, place: Place, form: Submitted[TextForm]) -> None:
    """Words of the asker that no detector saw: the leak check knows them from this look on."""
    assert form.data is not None
    words, kind = form.data.missed_words, form.data.missed_kind
    if not words:
        return
    if kind is None:
        form.refuse("missed_kind", N_("Choose what these words are"))
        return
    async with rig.service.database.writing() as work:
        case = await desk.case_of(work.session, place.question_id)
        written = await askers.words_of(rig, case)
        thread = await askers.thread_of(work.session, rig, case)
        texts = [written.original, *(message.text for message in thread)]
        if not await desk.is_revealed(work.session, staff, case):
            form.refuse("missed_words", N_("First show what the asker wrote, and say why."))
        elif not any(words.casefold() in text.casefold() for text in texts):
            form.refuse("missed_words", N_("These words do not stand in what the asker wrote"))
        else:
            await figures.mark_missed(work, rig, case, kind, words, by=staff)
            form.values |= {"missed_words": "", "missed_kind": ""}


async def _said_before(rig: Rig, place: Place) -> Said:
    async with rig.service.database.reading() as session:
        case = await desk.case_of(session, place.question_id)
        draft = await desk.draft_of(session, case, place.purpose)
    return await desk.said_of(rig, case, draft)


def _decide(rig: Rig, form: Submitted[TextForm], gate: Gate, before: Said) -> tuple[Said, str]:
    """What the officer says now, and the text with the words that were put in place of others."""
    assert form.data is not None
    data, values = form.data, form.values
    suggest = rig.words(data.language).gettext
    decisions: dict[str, Decision] = {}
    said = Said(done=dict(before.done), shown=data.shown.split())
    for one in gate.spotted:
        decision = decision_in(values, one, suggest(one.suspect.suggestion))
        if decision is None:
            continue
        decisions[one.mark] = decision
        said.done[one.mark] = (one.suspect.kind, decision.verdict)
        if decision.verdict == "kept":
            said.kept[one.mark] = decision.words
    for item in CHECKLIST:
        if answer := getattr(data, f"check_{item.id}"):
            said.checklist[item.id] = answer
    return said, rewritten(data.text, gate.everywhere, decisions)


def _ask(form: Submitted[TextForm], said: Said, gate: Gate) -> bool:
    """Say beside its field what is open; whether something is, new suggestions included."""
    still_open = said.open_suspects(gate.spotted)
    for one in still_open:
        if one.mark in said.shown:
            name = f"do_{one.mark}" if one.where == "text" else f"keep_{one.mark}"
            form.refuse(name, N_("Say what happens with “%(words)s”"), words=one.suspect.text)
    for item in CHECKLIST:
        if item.id not in said.checklist:
            form.refuse(f"check_{item.id}", N_("Look at this point, and say yes or no"))
    unseen = said.unseen(gate.cues)
    for cue in unseen:
        form.refuse(
            f"check_{cue.item}", N_("Look at this point again: “%(words)s”"), words=cue.text
        )
    return bool(still_open or unseen or not said.is_checked)
