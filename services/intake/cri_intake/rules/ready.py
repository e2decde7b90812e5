"""What officers often write to askers; each asker reads it in their own language."""

from cri_shared.words import N_

# Belgium's numbers: emergencies, zelfmoord1813.be and preventionsuicide.be, both free and open
# around the clock (The Brussels Times, February 2026).
READY_TEXTS = {
    "where": N_(
        "Thank you for your question. In which town or region do you need to know this? Prices and"
        " services are not the same everywhere."
    ),
    "unclear": N_(
        "Thank you for your question. We are not sure that we understand it. Can you say in other"
        " words what you need to know?"
    ),
    "longer": N_(
        "Somebody in the country looks for the answer. It takes longer than we thought. You do not"
        " have to do anything. Look here again in a week."
    ),
    "nothing_needed": N_(
        "You do not have to send us names, file numbers or papers. We do not need them to look for"
        " an answer."
    ),
    "danger": N_(
        "Are you in danger now? Call 112. Do you think of ending your life? Call 1813 (in Dutch) or"
        " 0800 32 123 (in French). Both are free and open day and night. We cannot help at once."
    ),
}
