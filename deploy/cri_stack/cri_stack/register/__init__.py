"""The register of processing, and the impact assessment that is filled from it."""
