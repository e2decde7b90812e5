"""Who may do what at search."""

from cri_shared.identity.policy import ANYBODY, SHARED, Policy, may

POLICY = SHARED | Policy(
    {
        "library.read": may(
            ANYBODY,
            at=[
                "GET /{lang}/",
                "GET /{lang}/countries",
                "GET /{lang}/countries/{code}",
                "GET /{lang}/countries/{code}/pack.{kind}",
                "GET /{lang}/topics/{code}",
                "GET /{lang}/search",
                "GET /{lang}/entries/{slug}",
                "GET /{lang}/about",
                "GET /{lang}/privacy",
                "GET /{lang}/accessibility",
                "GET /{lang}/open-data",
                "GET /{lang}/opensearch.xml",
                "GET /feeds/{lang}/{where}.atom",
                "GET /export/entries.jsonl",
                "GET /export/entries.csv",
                "GET /export/tombstones.jsonl",
                "GET /export/listings.jsonl",
                "GET /export/listings.csv",
                "GET /export/listings.tombstones.jsonl",
                "GET /sitemap.xml",
                "GET /sitemap/pages.xml",
                "GET /sitemap/{part}.xml",
                "GET /robots.txt",
                "GET /api/v1/search",
                "GET /api/v1/entries/{entry_id}",
                "GET /api/v1/countries/{code}",
                "GET /api/v1/listings",
            ],
        ),
        "entry.judge": may(
            ANYBODY,
            at=["GET /{lang}/entries/{slug}/feedback", "POST /{lang}/entries/{slug}/feedback"],
        ),
        "listing.judge": may(
            ANYBODY,
            at=[
                "GET /{lang}/listings/{listing_id}/mistake",
                "POST /{lang}/listings/{listing_id}/mistake",
            ],
        ),
        "holdings.see": may("editor", "auditor", "operator", at=["GET /console/holdings"]),
    }
)
