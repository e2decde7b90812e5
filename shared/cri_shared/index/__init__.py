"""The search index as services see it: port, documents, Meilisearch adapter, text analysis."""
