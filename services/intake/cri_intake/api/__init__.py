"""The API for partner organisations."""

from cri_intake.api import batch, handed, places, questions, webhooks

# Flat: a router within a router costs every request a layer.
routers = (
    questions.posting,
    questions.router,
    handed.router,
    batch.router,
    webhooks.router,
    places.router,
)

ABOUT = """
Partner organisations ask their questions here, and read what became of them. A question is about
a country, not about a person: what you write about people stays in this service, sealed under a
key of that question.

The helpdesk gives your organisation a key. Send it with each request as `Authorization: Bearer
cri_...`; keep it on your server, never in a page or an app. A key works for 180 days and may be
limited to what it is for (`questions:write`, `cases:read-own`, `answers:read-own`) and to the
addresses that it comes from. Two of your keys work at a time, so that you can change one without a
pause; we write to you 30 and 7 days before one ends.

People who asked by themselves may hand a question to you with a code that they tell you:
`POST /questions/handed-over`. It is then among yours, as `handed_over`, until they or you end it.

Each question needs an `Idempotency-Key` of your own making, for instance a UUID. When no answer
comes, send the very same request again, with the same key: within 3 days it gives the same answer
with `Idempotent-Replayed: true`, and there is one question. Another body under the same key is
refused.

Register a webhook to hear when one of your questions has another status. A message says which
question and which status, and no more: `{"type": "question.status_changed", "timestamp": "...",
"data": {"question_id": "...", "status": "answered"}}`. `POST /webhooks/{id}/test` sends you one of
type `webhook.test`, without data; ignore types that you do not know. Each is signed as Standard
Webhooks 1 has it (`webhook-id`, `webhook-timestamp`, `webhook-signature`): check the signature with
your secret, and take no message that is older than five minutes or whose id you had. Answer with
2xx within ten seconds. Anything else, a redirect too, is tried again for about a day; then the
webhook is switched off. Messages may come in another order than they were written: ask for the
question itself.

Errors are `application/problem+json`: act on `type`, show `detail` to nobody but yourself, and
find what is wrong with a field in `errors`, by JSON pointer. They never repeat what you sent. Send
a request again later after 429 and 503; after any other error of 400 and more, first change it.

Texts are UTF-8, days are `YYYY-MM-DD`, moments are ISO 8601 with their zone, languages are BCP 47
tags, countries ISO 3166-1. New fields may be added to answers: ignore what you do not know.
"""
