"""Endings of words: those that inflect, those that make words of others, those of medicines."""

# What may be written at the end of a word (of four letters and more), longest first, and what then
# ends the word that a dictionary has.
ENDINGS = {
    "ka": (
        "ებისთვის ებისგან ებთან ებიდან ებშიც ებში ებზე ებმა ებად ებით ების ებს ები ისთვის ისგან"
        " სთვის თვის დან თან ში ზე მა ის ით ად მდე ვის ელ ია აა იც ს ა მ ო ი",
        ("", "ი", "ა", "ე", "ო", "ება"),
    ),
    "hy": (
        "յում յից յի ներից ներով ներին ներում ների ները ներն ներ երից երով երին երում երի երը երն"
        " եր ությունը ության ումը ում ից ով ին ուն ի ը ն ս դ",
        ("", "ը", "ել", "ալ"),
    ),
    "ru": (
        "ыми ими ого его ому ему ами ями ах ях ой ей ом ем ую юю ая яя ое ее ые ие ых их ым им"
        " ов ев ам ям ть а я о е у ю ы и ь й",
        ("", "а", "я", "о", "е", "ь", "ый", "ий", "ой", "ть"),
    ),
    "uk": (
        "ими ого ому ами ями ах ях ою ею ій им їм их ом ем ої єї ів їв ам ям а я о е є у ю и і ї ь"
        " й",
        ("", "а", "я", "о", "е", "ь", "ий", "ій", "ти"),
    ),
    "sq": (
        "ave eve ëve ive uara ura ore ake ve ut it in ën ët së të ës et en at sh i u e ë a n t s",
        ("", "ë", "e", "ë", "im", "oj", "ar", "or"),
    ),
    "ar": ("هما كما هم كم نا ها ات ين ون تي ة ه ي ك ا ت", ("", "ة")),
    "fa": ("های ها هایی هایم ام یم ند ید م ی", ("", "ه", "ن")),
    "am": ("ዎች ዎቹ ችን ቻችን ዋን ውን ዬን ልኝ ን ው ዋ ዬ ህ ሽ ም ና ስ ት", ("",)),
}
FRONTS = {
    "am": "እንደ እስከ ስለ ወደ ከነ የ በ ለ ከ ባ ላ",
    "ar": "وال بال كال فال لل ال و ب ل ف ك",
}
# The stems by which the World Health Organization names medicines.
MEDICINES = (
    r"(?:fovir|navir|clovir|gravir|buvir|asvir|vudine|citabine|azole?|pril|sartan|olol|statine?"
    r"|c[iy]lline?|m[iy]cine?|dipine?|formine?|gliptine?|gliflozine?|umab|ximab|zumab|tinib|apine?"
    r"|azepam|zolam|peridone?|piprazole?|setron|oxacine?|c[iy]cline?|parine?|terol|asone?|olone?"
    r"|lukast|racetam|gabaline?|glutide|feron|thiazide|xaban|platine?|taxel|rubicine?"
    r"|triptan|oxetine?|traline|opram|triptyline?|promazine?|peridol|phylline?|cilline?)e?$"
)
# Endings that make a word of another and no name of anybody.
MAKES_WORDS = {
    "en": r"(?:tions?|ness|ments?|ologist|ology|ability)$",
    "fr": r"(?:tions?|ments?|ismes?|ologie|ologue|abilité)$",
    "nl": r"(?:heid|heden|aties?|isme|lijke?|ologie|eringen|baarheid)$",
    "es": r"(?:ción|ciones|mente|ismo|idad|dades)$",
    "ru": r"(?:ци[яию]|ни[еяю]|ост[ьи]|овать|ить|ать|ять|ться|изм\p{L}{0,2}|ельн\p{L}{2,3})$",
    "uk": r"(?:ці[яїю]|нн[яю]|іст[ьі]|увати|ити|ати|яти|тися|изм\p{L}{0,2}|альн\p{L}{1,3})$",
    "ka": r"(?:ებ[აი]|ობ[აი]|ცია|იზმი?)(?:ა|ს|მ|ის|ით|ად|ზე|ში|თან|სთვის|ისთვის)?$"
    r"|^სა\p{L}{3,}ო$|ულია$",
    "hy": r"(?:ությ[ուա]\p{L}*|իզմ\p{L}{0,3}|ելու|ալու|[եվ]ում|ված|ական(?:ը|ների|ներում)?)$",
}
