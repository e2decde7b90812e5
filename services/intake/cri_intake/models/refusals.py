"""What cannot be done with a case, and what its officer or asker reads then."""

from cri_shared.errors import NotFound, Refusal
from cri_shared.words import N_


class QuestionIsClosed(Refusal):
    """Nothing can be added to a question that is no longer open."""

    slug = "question-is-closed"
    message = N_("This question is closed.")


class QuestionIsReleased(Refusal):
    """Research has the question: its facts and its text are fixed."""

    slug = "question-is-released"
    message = N_("Research has this question already. It cannot be changed any more.")


class NotYours(NotFound):
    """Another officer works on the question, or nobody does yet."""

    slug = "question-is-not-yours"
    message = N_("Take this question first. Then you can work on it.")


class NotTriaged(Refusal):
    """A question without topics cannot be given to research."""

    slug = "question-not-triaged"
    message = N_("First choose the country and one to three topics.")


class CasesDiffer(Refusal):
    """Two questions that cannot share one answer."""

    slug = "questions-cannot-be-linked"
    message = N_("Only two open questions about the same country can share one answer.")


class AnswerRatedBefore(Refusal):
    """An asker says once whether an answer was useful."""

    slug = "answer-rated-before"
    message = N_("You told us before whether the answer was useful. Thank you.")


class NotAnswered(Refusal):
    """The days that a case is kept count from its answer."""

    slug = "question-not-answered"
    message = N_("There is no answer yet. A question is kept for longer only after its answer.")


class KeptLongerBefore(Refusal):
    """A case is kept for longer once, by its asker or by an officer."""

    slug = "question-kept-longer-before"
    message = N_("This question is kept for longer already. That cannot be done a second time.")
