"""What may be known where: field classes, encryption, detectors of personal data, leak check."""
