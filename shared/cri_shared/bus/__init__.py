"""The bus: events leave through an outbox, arrive through an inbox, and are never lost between."""
