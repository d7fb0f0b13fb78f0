"""A case's texts told of another patient: sex, age and BMI as they are read, in the author's own sentences.

English only, as the cases are. Pronouns and titles of the patient change with the sex; a number changes where it is the patient's age or
BMI. What cannot be said of the other patient is refused in words.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from phantoms.terms.parameters import PatientParameters, Sex

LANGUAGE = "en"

TITLES: Mapping[Sex, str] = MappingProxyType({Sex.MALE: "Mr", Sex.FEMALE: "Ms"})
TITLE = r"(?:Mr|Mrs|Ms|Miss)\b\.?"

TO_FEMALE: Mapping[str, str] = MappingProxyType(
    {"he": "she", "him": "her", "his": "her", "himself": "herself", "wife": "husband", "man": "woman", "gentleman": "lady"}
)
TO_MALE: Mapping[str, str] = MappingProxyType(
    {"she": "he", "hers": "his", "herself": "himself", "husband": "wife", "woman": "man", "lady": "gentleman"}
)
KIN: Mapping[str, str] = MappingProxyType({"sister": "brother", "mother": "father", "aunt": "uncle", "daughter": "son"})
"""Who a patient can be to another: female and male."""

NO_NOUNS = frozenset(
    [
        "a",
        "about",
        "after",
        "again",
        "alone",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "away",
        "back",
        "because",
        "before",
        "but",
        "by",
        "down",
        "early",
        "first",
        "for",
        "from",
        "had",
        "has",
        "have",
        "here",
        "home",
        "how",
        "if",
        "in",
        "into",
        "is",
        "it",
        "later",
        "more",
        "not",
        "now",
        "of",
        "off",
        "on",
        "once",
        "or",
        "out",
        "over",
        "quickly",
        "safely",
        "so",
        "soon",
        "than",
        "that",
        "the",
        "then",
        "there",
        "this",
        "to",
        "today",
        "tomorrow",
        "up",
        "until",
        "was",
        "well",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "why",
        "will",
        "with",
        "within",
        "without",
        "would",
    ]
)
"""Words after which a preceding ``her`` is no possessive: told of a man it is ``him``."""

SAID_OF_MEN: Mapping[str, str] = MappingProxyType({"prostatic symptoms": "slow emptying of the bladder"})
"""What only men have, and what is said of a woman instead."""
ONLY_MALE, ONLY_FEMALE = re.compile(r"prostat\w*|testic\w*", re.I), re.compile(r"menstru\w*|postmenopaus\w*|ovar\w*|uter(?:us|ine)", re.I)

PARENT_YEARS = 40.0
"""Below it a patient has no grown-up child who drives: a friend does."""

Word = re.Match[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Who is told of: name without title, sex, age in years and BMI in kg/m^2."""

    surname: str
    sex: Sex
    age_years: float
    bmi: float


def describe_person(name: str, params: PatientParameters) -> Person:
    """The person of a name on a wrist band and parameters."""
    return Person(surname=name.split()[-1], sex=params.sex, age_years=params.age_years, bmi=params.bmi)


def retitle(name: str, sex: Sex) -> str:
    """A name on a wrist band with the title of a sex.

    Examples
    --------
    >>> retitle("Mr T. Visser", Sex.FEMALE)
    'Ms T. Visser'
    """
    return re.sub(rf"^{TITLE}", TITLES[sex], name)


def retell(text: str, was: Person, now: Person) -> str:
    """A text about one person told of another.

    Parameters
    ----------
    text : str
        English.
    was, now : Person
        Of whom it was written, and of whom it is told.

    Raises
    ------
    ValueError
        Where it says what cannot be true of the other.

    Examples
    --------
    >>> was = Person(surname="Visser", sex=Sex.MALE, age_years=66, bmi=28)
    >>> now = Person(surname="Visser", sex=Sex.FEMALE, age_years=41, bmi=22)
    >>> retell("Mr Visser, 66, BMI 28: his wife drives him home.", was, now)
    'Ms Visser, 41, BMI 22: her husband drives her home.'
    """
    told = _retell_numbers(text, was, now)
    if now.sex is not was.sex:
        told = _retell_sex(told, was, now)
    if now.age_years < PARENT_YEARS <= was.age_years:
        told = re.sub(r"\b(?:son|daughter)\b(?= drives)", "friend", told)
    strange = (ONLY_MALE if now.sex is Sex.FEMALE else ONLY_FEMALE).search(told)
    if strange:
        raise ValueError(f"says {strange[0]!r}, which cannot be said of a {_noun(now.sex)}; choose a {_noun(was.sex)} for this case")
    return told


def find_contradictions(text: str, person: Person) -> list[str]:
    """What a text says of a person that is not so, in the text's words: another title, age or BMI.

    Examples
    --------
    >>> find_contradictions("Mr Visser, 66, BMI 28", Person(surname="Visser", sex=Sex.FEMALE, age_years=66.4, bmi=31))
    ['Mr Visser', 'BMI 28']
    """
    title = {Sex.MALE: r"Mr\b\.?", Sex.FEMALE: r"(?:Mrs|Ms|Miss)\b\.?"}
    other = title[Sex.FEMALE if person.sex is Sex.MALE else Sex.MALE]
    found = [word[0] for word in re.finditer(rf"\b{other} (?:\w\.? )*{re.escape(person.surname)}\b", text)]
    named = rf"{TITLE} (?:\w\.? )*{re.escape(person.surname)}(?:'s \w+)?, (\d+)\b"
    found += [word[0] for word in re.finditer(named, text) if int(word[1]) != _whole_years(person.age_years)]
    return found + [word[0] for word in re.finditer(r"\bBMI (?:of )?(\d+)\b", text) if int(word[1]) != round(person.bmi)]


def _retell_numbers(text: str, was: Person, now: Person) -> str:
    old = _whole_years(was.age_years)
    age = rf"(?<=, ){old}(?=[,.;:)]| years? old)|(?<=\(){old}(?=\))|\b{old}(?=[- ]years?[- ]old)|(?<=\baged ){old}\b"
    told = re.sub(age, str(_whole_years(now.age_years)), text)
    return re.sub(rf"(\bBMI (?:of )?){round(was.bmi)}\b", rf"\g<1>{round(now.bmi)}", told)


def _retell_sex(text: str, was: Person, now: Person) -> str:
    told = re.sub(rf"\b{TITLE}(?= (?:\w\.? )*{re.escape(was.surname)}\b)", TITLES[now.sex], text)
    kin = KIN if now.sex is Sex.MALE else {male: female for female, male in KIN.items()}
    told = _replace_words(told, kin, rf"(?=, {_whole_years(now.age_years)}\b)")
    if now.sex is Sex.FEMALE:
        told = _replace_words(told, SAID_OF_MEN)
        return _replace_words(told, TO_FEMALE)
    return re.sub(r"\bher\b(?: (\w+))?", _tell_her, _replace_words(told, TO_MALE), flags=re.I)


def _tell_her(word: Word) -> str:
    """``her`` of a woman, told of a man: before a noun ``his``, else ``him``."""
    follower = word[1]
    male = "him" if follower is None or follower.lower() in NO_NOUNS else "his"
    return _like(word[0], male) + word[0][3:]


def _replace_words(text: str, words: Mapping[str, str], ahead: str = "") -> str:
    any_of = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    swap: Callable[[Word], str] = lambda word: _like(word[0], words[word[0].lower()])  # noqa: E731
    return re.sub(rf"\b(?:{any_of})\b{ahead}", swap, text, flags=re.I)


def _like(model: str, word: str) -> str:
    return word.capitalize() if model[0].isupper() else word


def _whole_years(age_years: float) -> int:
    """Completed years, as an age is told."""
    return int(age_years)


def _noun(sex: Sex) -> str:
    return "woman" if sex is Sex.FEMALE else "man"
