"""How long the rows of these tables are kept, in days, and the duties that end them."""

OUTBOX_DAYS = 30  # after publishing; so long a lost stream can be rebuilt
INBOX_DAYS = 45  # longer than any stream keeps a message that could come again
GAP_DAYS = 31  # nobody has its content any more: outboxes keep what they published for a month
PURGE = "events.purge"  # the duty that forgets what nobody can need any more
AUDIT_DAYS = 730
DROP_AUDIT = "audit.drop"  # the duty that drops the oldest entries of the audit trail
NOTE_ATTEMPTS = "attempts.note"  # the duty that brings counts of refusals to the audit trail
COUNT = "events.count"  # the duty that looks for gaps
LEDGER_DAYS = 400  # of erasures; no backup is kept as long
HOLD_DAYS = 730  # as long as the audit trail that tells of it
RETENTION = "retention"  # the duties that end what was kept long enough begin with it
DIGEST_DAYS = 30  # longer than anybody is away without missing more than can be counted
TELL_NEWS = "digest.tell"  # the duty that tells staff by mail that there is news
