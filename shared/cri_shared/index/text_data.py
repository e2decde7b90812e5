"""Words and letters that text analysis knows: stemmers, letter variants, stop words, synonyms."""

# Language -> Snowball algorithm of PyStemmer. Of sq, ka, am and ti the commonest endings or
# beginnings are cut (below); what is left (ps, so, ku) is matched by folded words, prefixes and
# near spellings only.
STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "tr": "turkish",
}

# Language -> endings that a folded word loses, the longest that fits: cases, articles and plurals
# of languages that Snowball does not know.
LIGHT_ENDINGS = {
    "ka": "ებისთვის ისთვის ებში ებს ების ები იდან დან თვის თან ში ზე ით ის ად მა ს ი ა ო",
    "sq": "eve ave ive uese ues shme shem shmi imi imin imit ise ises et at it es te ne en in un"
    " an ja je i u a e n t",
}
# Language -> letters that a folded word loses at its beginning: "in", "of", "from", "for".
LIGHT_BEGINNINGS = {"am": "በ ለ ከ የ", "ti": "ብ ን ናይ"}
# Language -> the article that is written onto a noun, and the letters that such a noun has.
ARTICLES = {"ar": "ال"}
LEAST_NOUN = 3
# So many letters stay.
LIGHT_LEAST = {"am": 2, "ka": 3, "sq": 3, "ti": 2}

# Old or regional tags -> the tag used here.
ALIASES = {"prs": "fa", "nb": "no", "nn": "no", "mo": "ro"}

# Language -> the tags, with region, of texts in it.
TAGS = {"fa": ("fa", "fa-AF"), "pt": ("pt", "pt-BR")}

# Letters that people write in several ways and mean the same (None: the letter is dropped).
LETTER_VARIANTS: dict[str, str | None] = {
    "\u0640": None,  # Arabic tatweel
    "\u200d": None,  # zero-width joiner
    "\u200e": None,  # left-to-right mark
    "\u200f": None,  # right-to-left mark
    "\u2060": None,  # word joiner
    "\u00ad": None,  # soft hyphen
    "ى": "ي",
    "ی": "ي",
    "ې": "ي",
    "ۍ": "ي",
    "ے": "ي",
    "ک": "ك",
    "ګ": "گ",
    "ة": "ه",
    "ۀ": "ه",
    "ہ": "ه",
    "ھ": "ه",
    "ە": "ه",
    "ٱ": "ا",
    "ı": "i",
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ł": "l",
    "þ": "th",
    "ё": "е",
    "’": "'",
    "ʼ": "'",
    "‘": "'",
}

# Ethiopic series that sound alike in Amharic and are written one for the other; each holds eight
# vowel orders. Tigrinya keeps some apart: there a search finds a little more than it should.
ETHIOPIC_HOMOPHONES = {"ሐ": "ሀ", "ኀ": "ሀ", "ሠ": "ሰ", "ዐ": "አ", "ፀ": "ጸ"}
# The first and fourth order of the throat letters sound alike too.
ETHIOPIC_LONG_VOWELS = {"ሃ": "ሀ", "ሓ": "ሀ", "ኃ": "ሀ", "ኣ": "አ", "ዓ": "አ"}

# Combining marks that fold() drops: Latin, Greek, Cyrillic; Hebrew; Arabic; Ethiopic. Not those of
# Indic scripts, which are vowels.
DROPPED_MARKS = (
    (0x0300, 0x036F),
    (0x0591, 0x05C7),
    (0x0610, 0x061A),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06ED),
    (0x135D, 0x135F),
)

# Marks that belong to the word they stand in (the dropped ones, and the vowels of Indic scripts).
INNER_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1-\u05c2\u05c4-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0900-\u0903\u093a-\u094f\u0980-\u0983\u09bc-\u09d7"
    "\u135d-\u135f\u00ad\u200d\u2060"
)

# Scripts written without blanks between words: indexed as overlapping pairs of letters.
NO_BLANKS = "\u0e00-\u0eff\u1780-\u17ff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"

# French and Italian words that lose their vowel before another word (l'hôpital, dell'ospedale).
ELIDED = frozenset(
    [
        "c",
        "d",
        "j",
        "l",
        "m",
        "n",
        "s",
        "t",
        "qu",
        "jusqu",
        "lorsqu",
        "puisqu",
        "quoiqu",
        "all",
        "dall",
        "dell",
        "nell",
        "sull",
        "un",
    ]
)

# Script -> languages whose stemmers a query in it runs through.
SCRIPTS = (
    ("\u0600-\u06ff", ("ar", "fa", "ps")),
    ("\u0400-\u04ff", ("ru",)),
    ("\u10a0-\u10ff\u1c90-\u1cbf\u2d00-\u2d2f", ("ka",)),
    ("\u0530-\u058f", ("hy",)),
    ("\u1200-\u139f\u2d80-\u2ddf", ("am", "ti")),
    ("\u0370-\u03ff", ("el",)),
    ("\u0900-\u097f", ("hi", "ne")),
)

# Letters that Arabic itself does not have.
NOT_ARABIC_LETTERS = frozenset("پچژگکیټډړږښڼځڅۍې")

# Words that give a language in Latin script away, and letters that hint at it.
TELLING_WORDS = {
    "de": "der die das und ist wie für ein eine von wurde welche wer den kann wo ich nicht",
    "en": "the of is are what how for and in to was which who did does can where my with",
    "es": "de el los las del que para una por cómo qué cuál fue en puedo dónde con",
    "fr": "de le la les des du est que pour dans une et comment quel quelle sont qui où puis je",
    "it": "il lo gli della che per una come dove quale sono nel posso",
    "nl": "de het een van is in op voor en hoe wat welke worden niet kan waar mijn met",
    "pt": "de o os as do da que para uma como qual onde em posso não",
    "ro": "și la în ce care pentru cum din este de unde pot",
    "sq": "dhe në të për si çfarë një është me ku mund",
    "tr": "ve bir için ne nasıl kaç hangi ile mi nedir nerede",
    "vi": "của là những và các trong được gì",
}
TELLING_LETTERS = {
    "de": "äß",
    "es": "ñ¿",
    "fr": "èêœ",
    "pt": "ãõ",
    "ro": "ășț",
    "sq": "ë",
    "tr": "ğşı",
    "vi": "ưđạ",
}

# Words that say nothing about what is looked for. One list for an index that mixes languages, so a
# word that carries meaning in another of our languages is left out (French "son", German "die").
STOP_WORDS = {
    "ar": "في من على إلى عن أن هل ما هذا هذه التي الذي مع أو كيف أين متى هو هي",
    "de": "der das und ist sind ein eine einen einer von für mit auf zu zur zum im dem den des wie"
    " wo wer wann welche ich nicht kann gibt es auch bei oder aus nach",
    "en": "a an the of is are was were be to for and or at by from with as this that these those"
    " how what where when which who does do did can could i my there it if has have on in",
    "es": "el la los las de del que y en un una para por con se cómo qué cuál dónde es hay su al"
    " puedo",
    "fa": "در از به که این آن را با برای است آیا چه چگونه کجا و یا من می",
    "fr": "le la les l de des du d un une et ou à au aux en dans pour par sur avec est sont que"
    " qui quel quelle quels quelles comment où quand je il elle on y ce cette ces se qu peut",
    "nl": "de het een van en of in is zijn op te voor met aan om bij naar uit door er dat dit deze"
    " die hoe wat waar wie welke ik mijn je kan niet wordt worden ook",
    "ru": "и в на с по для из к о от до что как где когда ли это есть не или я",
    "sq": "dhe në të për si çfarë një është me ku nga që po kur kush sa a i e së ka",
    "hy": "է եւ և են որ մի ինչ որտեղ ինչպես",
    "ka": "და არის თუ არა რა სად როგორ",
    "am": "ነው እና ወይም ስንት እንዴት የት",
    "ti": "ድዩ እዩ ኣብ ከመይ ኣበይ",
}

# Groups of single words that mean the same here; every word finds the others. Languages -> the
# words that they have for it: another language's rules would make a stem of them that is no word.
_LATIN = "en nl fr es de sq"
SYNONYMS: tuple[dict[str, str], ...] = (
    {
        **{"en de": "insulin", "nl fr": "insuline", "es sq": "insulina", "ru": "инсулин"},
        **{"fa": "انسولین", "ar": "أنسولين", "ka": "ინსულინი", "hy": "ինսուլին", "am ti": "ኢንሱሊን"},
    },
    {
        **{"en de": "metformin", "nl fr": "metformine", "es": "metformina", "ru": "метформин"},
        "ar": "ميتفورمين",
    },
    {"en": "methadone", "nl de": "methadon", "fr": "méthadone", "es": "metadona", "ru": "метадон"},
    {
        **{"en nl es de sq": "paracetamol", "en": "acetaminophen", "fr": "paracétamol"},
        **{"ru": "парацетамол", "ar": "باراسيتامول"},
    },
    {
        **{"en nl es de": "diabetes", "fr": "diabète", "nl": "suikerziekte", "sq": "diabeti"},
        **{"ru": "диабет", "ar": "سكري", "fa": "شکر"},
    },
    {
        **{"en": "dialysis hemodialysis", "nl fr de": "dialyse", "nl": "nierdialyse"},
        **{"fr": "hémodialyse", "es": "diálisis hemodiálisis", "sq": "dializa"},
        **{"ru": "диализ гемодиализ", "fa": "دیالیز", "ar": "دياليز"},
    },
    {
        **{"en de": "asthma", "nl sq": "astma", "fr": "asthme", "es": "asma", "ru": "астма"},
        "ar": "ربو",
    },
    {
        **{"en fr": "cancer", "nl": "kanker", "es": "cáncer", "sq": "kancer", "de": "krebs"},
        **{"ru": "рак", "ar fa": "سرطان"},
    },
    {"en nl de sq": "hiv", "fr es": "vih", "en nl de": "aids", "fr es sq": "sida", "ru": "вич"},
    {
        **{"en es": "tuberculosis", "nl fr": "tuberculose", "nl es sq": "tbc", "en": "tb"},
        **{"ru": "туберкулёз", "fa": "توبرکلوز"},
    },
    {
        **{"en": "epilepsy", "nl de": "epilepsie", "fr": "épilepsie", "es sq": "epilepsia"},
        **{"ru": "эпилепсия", "ar fa": "صرع"},
    },
    {
        **{"en fr es": "visa", "nl de": "visum", "ru": "виза", "ar": "تأشيرة", "fa": "ویزا"},
        "sq": "vizë",
    },
    {
        **{"en": "passport", "nl": "paspoort", "fr": "passeport", "es": "pasaporte"},
        **{"de": "reisepass", "sq": "pasaportë", "ru": "паспорт", "ar": "جواز", "fa": "پاسپورت"},
    },
    {_LATIN: "tazkira tazkera taskera taskira", "fa": "تذکره"},
    {
        **{"en es": "hospital", "nl": "ziekenhuis", "fr": "hôpital", "de": "krankenhaus"},
        **{"sq de": "spital", "ru": "больница", "ar": "مستشفى", "fa": "شفاخانه"},
        **{"hy": "հիվանդանոց", "ka": "საავადმყოფო", "am ti": "ሆስፒታል"},
    },
    {
        **{"en": "rent", "nl": "huur", "fr": "loyer", "es": "alquiler", "sq": "qira"},
        **{"de": "miete", "ru": "аренда", "ar": "إيجار", "fa": "کرایه"},
    },
    {
        **{"en": "birth", "nl": "geboorte", "fr": "naissance", "es": "nacimiento"},
        **{"sq": "lindje", "de": "geburt", "ru": "рождение", "ar": "ميلاد", "fa": "تولد"},
    },
    {
        **{"en": "certificate", "nl": "akte", "fr": "acte", "es": "certificado partida"},
        **{"sq": "certifikatë", "de": "urkunde", "ru": "свидетельство"},
    },
    {
        **{"en nl": "school", "fr": "école", "es": "escuela", "sq": "shkollë", "de": "schule"},
        **{"ru": "школа", "ar": "مدرسة", "fa": "مکتب", "hy": "դպրոց", "ka": "სკოლა"},
        "am ti": "ትምህርት",
    },
    {
        **{"en fr": "pension", "nl": "pensioen", "es": "pensión", "sq": "pensioni"},
        **{"de": "rente", "ru": "пенсия", "ar fa": "تقاعد"},
    },
    {
        **{"en nl es": "diploma", "fr": "diplôme", "es": "título", "sq": "diplomë"},
        **{"ru": "диплом", "fa": "دیپلوم"},
    },
    {"en nl": "ngo", "fr es": "ong", "ru": "нпо"},
    {"en nl de": "iom", "fr es": "oim", "ru": "мом"},
    {"en nl de": "unhcr", "fr": "hcr", "es": "acnur", "ru": "увкб"},
    {
        **{"en es de sq": "kabul", "fr": "kaboul", "nl": "kaboel", "ru": "кабул"},
        **{"fa": "کابل", "ar": "كابول"},
    },
    {_LATIN: "herat", "fr": "hérat", "ru": "герат", "fa ar": "هرات"},
    {"en": "baghdad", "nl fr es de": "bagdad", "ru": "багдад", "ar fa": "بغداد"},
    {"en nl es de": "mosul", "fr": "mossoul", "ru": "мосул", "ar": "الموصل"},
    {_LATIN: "erbil arbil", "ru": "эрбиль", "ar": "أربيل"},
    {
        **{"en": "yerevan", "fr es": "erevan", "nl de sq": "jerevan", "ru": "ереван"},
        "hy": "երևան",
    },
    {_LATIN: "tbilisi tiflis", "ru": "тбилиси", "ka": "თბილისი"},
    {_LATIN: "tirana", "sq": "tiranë", "ru": "тирана"},
    {_LATIN: "pristina prishtina", "sq": "prishtinë", "ru": "приштина"},
    {_LATIN: "kyiv kiev", "de": "kiew", "ru": "киев київ"},
    {_LATIN: "kinshasa", "ru": "киншаса", "ar": "كينشاسا"},
)
