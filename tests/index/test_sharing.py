"""Several searches in one request: what the same words mean is worked out once, and is the same."""

from cri_shared.index.meilisearch import MeilisearchIndex

from tests.index.four import search


async def test_counts_of_a_chosen_facet_are_of_the_same_words(index: MeilisearchIndex) -> None:
    chosen = await search(
        index, "bagdhad clinc", filters={"country": ["IQ"]}, facets=["country", "outcome"]
    )
    whole = await search(index, "bagdhad clinc", facets=["country", "outcome"])
    assert chosen.facets["country"] == whole.facets["country"]
    assert chosen.total == chosen.facets["country"]["IQ"]
