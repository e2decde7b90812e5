"""Mail: posted in a transaction, sent afterwards, and never with content: only "there is news"."""

from cri_shared.mail.post import Mail, PostOffice

__all__ = ["Mail", "PostOffice"]
