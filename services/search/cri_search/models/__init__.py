"""Search's own copy of what is public, told by events in any order; the newer version wins."""

from cri_search.models.base import Base, messaging
from cri_search.models.counts import Miss, Rating, SentForm
from cri_search.models.entry import Entry, EntryText, EntryTopic, Word
from cri_search.models.listing import Facts, Listing, ListingWord
from cri_search.models.places import CountryState, Edition

__all__ = [
    "Base",
    "CountryState",
    "Edition",
    "Entry",
    "EntryText",
    "EntryTopic",
    "Facts",
    "Listing",
    "ListingWord",
    "Miss",
    "Rating",
    "SentForm",
    "Word",
    "messaging",
]
