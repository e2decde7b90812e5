"""Search's own copy of what is public, told by events in any order; the newer version wins."""

from cri_search.models.base import Base, messaging
from cri_search.models.counts import Miss, Rating, SentForm
from cri_search.models.entry import Entry, EntryText, Word
from cri_search.models.listing import Facts, Listing, ListingWord
from cri_search.models.places import CountryState, Edition
from cri_search.models.shelves import OnShelf, ShelfCount

__all__ = [
    "Base",
    "CountryState",
    "Edition",
    "Entry",
    "EntryText",
    "Facts",
    "Listing",
    "ListingWord",
    "Miss",
    "OnShelf",
    "Rating",
    "SentForm",
    "ShelfCount",
    "Word",
    "messaging",
]
