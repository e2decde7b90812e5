"""Research: sends research questions to partners in the country and reviews what comes back."""
