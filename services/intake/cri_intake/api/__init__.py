"""The API for partner organisations."""

from cri_intake.api import batch, places, questions

# Flat: a router within a router costs every request a layer.
routers = (batch.router, questions.router, places.router)
