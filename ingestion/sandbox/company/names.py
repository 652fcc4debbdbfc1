"""Given and family names of five countries, and the ways each can be written.

Belongs here: the lists, nicknames, and spellings that depend on the name alone.
Does not belong here: who bears which name, and typing errors.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

COUNTRIES = ("NL", "BE", "DE", "FR", "GB")

MALE = {
    "NL": "Jan Johannes Willem Pieter Hendrik Cornelis Gerrit Jeroen Bas Daan Sem Lucas Thijs "
    "Maarten Sander Ruben Koen Stijn Wouter Erik Marco Dennis Rik Joost Bart Frank Rob Theo "
    "Niels Tim Thomas Lars Jesse Gijs Floris Youssef Mohamed René André",
    "BE": "Jan Luc Marc Philippe Jean Michel Dirk Koen Tom Bart Pieter Wim Kevin Nicolas Thomas "
    "Maxime Arthur Louis Noah Jules Stijn Jef Filip Johan Geert Olivier Benoît François "
    "Frédéric Guy Patrick Didier Yves Karel Lander Milan Ahmed Jérôme",
    "DE": "Hans Peter Wolfgang Klaus Jürgen Michael Thomas Andreas Stefan Christian Markus "
    "Matthias Alexander Sebastian Florian Lukas Leon Jonas Felix Maximilian Paul Jörg Uwe "
    "Günther Heinz Björn Tobias Jan Philipp Dominik Moritz Friedrich Wilhelm Karl Emre Mehmet "
    "Götz Sören",
    "FR": "Jean Pierre Michel André Philippe Alain Bernard Christophe Nicolas Julien Thomas "
    "Alexandre Antoine Maxime Lucas Hugo Louis Gabriel Arthur Léo Raphaël Jérôme Sébastien "
    "Frédéric François Stéphane Olivier Laurent Éric Mathieu Guillaume Benoît Rémi Théo Cédric "
    "Karim Jean-Pierre Jean-Luc",
    "GB": "James John Robert William Thomas George Harry Jack Oliver Charles David Michael Paul "
    "Andrew Mark Richard Stephen Daniel Matthew Christopher Anthony Edward Alexander Samuel "
    "Joseph Benjamin Liam Noah Callum Ryan Sean Patrick Graham Ian Alan Peter Mohammed Arjun",
}
FEMALE = {
    "NL": "Maria Johanna Anna Elisabeth Cornelia Wilhelmina Catharina Sanne Emma Julia Sophie "
    "Lotte Anouk Femke Marieke Ingrid Esther Monique Petra Linda Saskia Mirjam Iris Eva Fleur "
    "Noor Roos Lieke Tess Yara Fatima Renée Zoë Margaretha Hanneke Anja Britt Zoé",
    "BE": "Marie Anne Martine Nathalie Christine Isabelle Sofie Els Katrien Ann Lotte Emma "
    "Louise Camille Charlotte Julie Élise Amélie Hélène Inge Veerle Greet Sarah Laura Nina Olivia "
    "Mila Valérie Véronique Françoise Chantal Karin Griet Hilde Leen Kaat Amina Zoë",
    "DE": "Ursula Monika Renate Sabine Petra Susanne Andrea Claudia Stefanie Nicole Julia "
    "Katharina "
    "Anna Lena Laura Lea Sophie Hannah Mia Emilia Johanna Elisabeth Brigitte Gabriele Heike "
    "Birgit Käthe Bärbel Jördis Marlene Charlotte Franziska Annika Ayşe Zeynep Grit Ute Jutta",
    "FR": "Marie Monique Françoise Catherine Nathalie Isabelle Sylvie Sophie Sandrine Céline Julie "
    "Camille Léa Manon Chloé Emma Louise Jade Alice Hélène Élodie Aurélie Émilie Amélie Valérie "
    "Véronique Stéphanie Virginie Delphine Laëtitia Margaux Inès Zoé Lucie Anaïs Noémie Fatima "
    "Anne-Marie",
    "GB": "Mary Elizabeth Margaret Susan Sarah Emma Charlotte Olivia Amelia Isla Emily Jessica "
    "Sophie Grace Lucy Hannah Rebecca Catherine Victoria Jennifer Patricia Linda Karen Julie "
    "Helen Alison Claire Rachel Laura Katie Chloe Megan Siân Zoe Fiona Priya Aisha Niamh",
}
FAMILY = {
    "NL": "de Jong|Jansen|de Vries|van den Berg|van der Berg|van Dijk|Bakker|Janssen|Visser|Smit|"
    "Meijer|de Boer|Mulder|de Groot|Bos|Vos|Peters|Hendriks|van Leeuwen|Dekker|Brouwer|de Wit|"
    "Dijkstra|Smits|de Graaf|van der Meer|van der Linden|Kok|Jacobs|de Haan|Vermeulen|van der Veen|"
    "van den Broek|de Bruijn|van der Heijden|Schouten|van Beek|Willems|van Vliet|Hoekstra|Maas|"
    "Verhoeven|Koster|van Dam|Prins|Blom|Huisman|Peeters|Kuipers|van 't Hof|in 't Veld|ter Horst|"
    "op den Camp|Postma|Brünings|Yılmaz|El Amrani",
    "BE": "Peeters|Janssens|Maes|Jacobs|Mertens|Willems|Claes|Goossens|Wouters|De Smet|Dubois|"
    "Lambert|Dupont|Martin|Simon|Laurent|Vermeulen|De Backer|Van den Broeck|Van Damme|Leclercq|"
    "Desmet|Michiels|Hermans|Aerts|De Clercq|Van de Velde|Lemmens|Devos|Segers|Bogaert|Renard|"
    "Gérard|André|Noël|Lefèvre|Thys|Pauwels|Verhaegen|De Cock|Baert|Dumont|Denis|Van Hove|"
    "D'Hondt|D'Haene|T'Jampens|Benali",
    "DE": "Müller|Schmidt|Schneider|Fischer|Weber|Meyer|Wagner|Becker|Schulz|Hoffmann|Schäfer|Koch|"
    "Bauer|Richter|Klein|Wolf|Schröder|Neumann|Schwarz|Zimmermann|Braun|Krüger|Hofmann|Hartmann|"
    "Lange|Werner|Krause|Lehmann|Köhler|Maier|Herrmann|König|Walter|Mayer|Huber|Kaiser|Fuchs|"
    "Peters|Lang|Scholz|Möller|Weiß|Jung|Hahn|Vogel|Böhm|Groß|Jäger|Günther|Schütz|von der Heide|"
    "von Arnim|zu Hohenfels|Özdemir|Yıldız|Kowalski",
    "FR": "Martin|Bernard|Thomas|Petit|Robert|Richard|Durand|Dubois|Moreau|Laurent|Simon|Michel|"
    "Lefebvre|Leroy|Roux|David|Bertrand|Morel|Fournier|Girard|Bonnet|Dupont|Lambert|Fontaine|"
    "Rousseau|Vincent|Müller|Lefèvre|Faure|André|Mercier|Blanc|Guérin|Boyer|Garnier|Chevalier|"
    "François|Legrand|Gauthier|Garcia|Perrin|Robin|Clément|Morin|Nicolas|Henry|Roussel|Mathieu|"
    "de La Tour|du Bois|Le Gall|d'Aubigné|L'Hermitte|Benhamou|Nguyen|Lévêque",
    "GB": "Smith|Jones|Taylor|Brown|Williams|Wilson|Johnson|Davies|Robinson|Wright|Thompson|Evans|"
    "Walker|White|Roberts|Green|Hall|Wood|Jackson|Clarke|Harris|Clark|Turner|Hill|Moore|Cooper|"
    "Ward|Morris|King|Watson|Baker|Harrison|Morgan|Patel|Young|Allen|Mitchell|James|Anderson|"
    "Phillips|Lee|Bell|Parker|Davis|O'Neil|O'Brien|O'Connor|MacDonald|McCarthy|D'Arcy|Khan|Singh|"
    "Smith-Jones|Fitzgerald|St. John|Ó Súilleabháin",
}
STEMS = {
    "NL": "Wester Ooster Zuider Noorder Hooge Lange Groene Witte Oude Nieuwe Ever Hage Wolf Rijn "
    "Linde "
    "Eike Berke Zand Veen Heide Molen Kerk Dorp Water",
    "BE": "Van Ooster|Van Wester|Vande|Ver|Den|Hof|Bosch|Steen|Velde|Linden|Molen|Brug|Borre|Goe|"
    "Haver|Roose|Lange|Corne|Delle|Vander",
    "DE": "Acker Berg Birk Brand Buchen Eich Eisen Feld Frei Grün Hagen Heide Holz Kirch Linden "
    "Löwen "
    "Morgen Nieder Ober Rosen Schön Silber Stein Sonnen Wald Wein",
    "FR": "Beau Bel Bois Bonne Cham Clair Corn Dela Fon Grand Haute Jolli La Long Mal Mon Mont "
    "Neuve "
    "Par Pré Roche Saint Val Ver",
    "GB": "Ash Black Brad Brook Burn Clay Cran Dun East Fair Hart Haw Hazel Kings Lang Marsh North "
    "Oak Red Rock Sher Stan Thorn West Whit Win",
}
ENDS = {
    "NL": "veld kamp huis man berg broek hof dijk stra boer meijer mans laar horst beek waard",
    "BE": "bergh camp donck ghem hoven kens lier maele mans poel put raet sele straete veld "
    "winckel",
    "DE": "bach bauer baum berger blum brink hauer hofer huber mann mayer meier müller rath "
    "schmidt "
    "stein thal wirth wald höfer",
    "FR": "bert champ court fort lieu mont nard pont reau rier rieux sault val vert ville voisin",
    "GB": "brook bury croft den field ford ham hurst land ley low ridge shaw stead ton ward wick "
    "well "
    "wood worth",
}
_SHORT = (
    "Johannes:Hans Willem:Wim Pieter:Piet Hendrik:Henk Cornelis:Kees Gerrit:Gert "
    "Johanna:Hanna Elisabeth:Els Cornelia:Corrie Wilhelmina:Mien Catharina:Karin Margaretha:Greet "
    "Maximilian:Max Alexander:Alex Sebastian:Basti Friedrich:Fritz Wilhelm:Willi Wolfgang:Wolf "
    "Matthias:Matze Michael:Michi Katharina:Kathi Susanne:Susi Gabriele:Gabi Stefanie:Steffi "
    "Franziska:Franzi Johanna:Hanni Andreas:Andi Thomas:Tom Robert:Bob William:Bill James:Jim "
    "John:Jack Charles:Charlie Richard:Dick Stephen:Steve Daniel:Dan Matthew:Matt "
    "Christopher:Chris "
    "Anthony:Tony Edward:Ted Samuel:Sam Joseph:Joe Benjamin:Ben Elizabeth:Liz Margaret:Maggie "
    "Susan:Sue Catherine:Kate Victoria:Vicky Jennifer:Jenny Patricia:Pat Rebecca:Becky "
    "Jessica:Jess "
    "Alexandre:Alex Christophe:Chris Frédéric:Fred Stéphane:Steph Philippe:Phil Nicolas:Nico "
    "Guillaume:Guy Sébastien:Seb Françoise:Fanny Nathalie:Nath Isabelle:Isa Sandrine:Sandy "
    "Stéphanie:Steph Véronique:Véro Charlotte:Charlie Jeroen:Jer Maarten:Mart Sophie:Soof "
    "Matthieu:Mat Mathieu:Mat Andrew:Andy David:Dave Patrick:Pat Peter:Pete"
)
NICKNAMES = dict(pair.split(":") for pair in _SHORT.split())
GERMAN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"}
)
SPECIAL = str.maketrans({"ß": "ss", "ı": "i", "ş": "s", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l"})


def plain(name: str) -> str:
    """The name without any accent."""
    decomposed = unicodedata.normalize("NFD", name.translate(SPECIAL))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def mojibake(name: str) -> str:
    """The name's UTF-8 bytes read as Windows-1252: `Müller` becomes `MÃ¼ller`."""
    raw = name.encode()
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _particle(name: str) -> tuple[str, str]:
    """`van der Berg` -> (`van der`, `Berg`); (``, name) without a particle."""
    words = name.split(" ")
    count = len(words) - 1
    return " ".join(words[:count]), words[-1]


def _abbreviated(name: str) -> str:
    front, core = _particle(name)
    short = {"van der": "v.d.", "van den": "v.d.", "van de": "v.d.", "van": "v."}
    return f"{short[front.lower()]} {core}" if front.lower() in short else name


def _turned(name: str) -> str:
    front, core = _particle(name)
    return f"{core}, {front}" if front else name


def _unpunctuated(name: str) -> str:
    return name.replace("'", "").replace("-", " ")


def _curly(name: str) -> str:
    return name.replace("'", "\u2019").replace("-", "\u2010")


def _address_form(name: str) -> str:
    letters = plain(name.translate(GERMAN)).lower()
    return "".join(c for c in letters if c.isascii() and c.isalnum())


COMMON_FORMS = (
    str,
    plain,
    lambda name: name.translate(GERMAN),
    lambda name: unicodedata.normalize("NFD", name),
    mojibake,
    str.upper,
    str.lower,
    _address_form,
)
BASE, PLAIN, GERMANIC, NFD, MOJIBAKE, UPPER, LOWER, ADDRESS = range(8)
NICKNAME, INITIAL = 8, 9
CAPITALISED, ABBREVIATED, TURNED, UNPUNCTUATED, CURLY, TOGETHER = range(8, 14)
GIVEN_FORMS = (*COMMON_FORMS, lambda name: NICKNAMES.get(name, name), lambda name: name[0] + ".")
FAMILY_FORMS = (
    *COMMON_FORMS,
    lambda name: " ".join(word[:1].upper() + word[1:] for word in name.split(" ")),
    _abbreviated,
    _turned,
    _unpunctuated,
    _curly,
    lambda name: name.replace(" ", ""),
)


@dataclass(frozen=True)
class Names:
    """Names in every form: form f of name i lies at `forms[f * count + i]`."""

    count: int
    forms: pa.Array
    first: dict[tuple[int, int], int]  # (country, sex) -> index of the first name of that list
    length: dict[tuple[int, int], int]
    special: np.ndarray  # (count,) bool: the name has a letter or sign that is often mangled

    def written(self, index: np.ndarray, form: np.ndarray | int = BASE) -> pa.Array:
        """Names at `index` (n,), each in its form."""
        return self.forms.take(pa.array(np.asarray(index) + np.asarray(form) * self.count))


def _table(lists: dict[tuple[int, int], list[str]], forms: tuple) -> Names:
    first, length, everything = {}, {}, []
    for key, names in lists.items():
        first[key], length[key] = len(everything), len(names)
        everything.extend(names)
    written = pa.array([form(name) for form in forms for name in everything], pa.string())
    special = np.array([not name.isascii() or "'" in name or " " in name for name in everything])
    return Names(len(everything), written, first, length, special)


@cache
def given_names() -> Names:
    """All given names; lists are keyed (country, sex) with sex 0 male and 1 female."""
    lists = {}
    for country, code in enumerate(COUNTRIES):
        lists[country, 0] = MALE[code].split()
        lists[country, 1] = FEMALE[code].split()
    return _table(lists, GIVEN_FORMS)


@cache
def family_names() -> Names:
    """All family names, common ones first; lists are keyed (country, 0)."""
    lists = {}
    for country, code in enumerate(COUNTRIES):
        stems = STEMS[code].split("|") if "|" in STEMS[code] else STEMS[code].split()
        rare = [stem + end for stem in stems for end in ENDS[code].split()]
        lists[country, 0] = FAMILY[code].split("|") + rare
    return _table(lists, FAMILY_FORMS)


def draw(
    rng: np.random.Generator, names: Names, country: np.ndarray, sex: np.ndarray, flat: float
) -> np.ndarray:
    """A name index for each (country, sex) (n,): the earlier in its list, the more common.

    `flat` is the rank at which names stop being common; larger means more variety.
    """
    out = np.empty(len(country), dtype=np.int64)
    uniform = rng.random(len(country))
    for key, start in names.first.items():
        weights = 1 / (np.arange(names.length[key]) + flat)
        edges = np.cumsum(weights) / weights.sum()
        chosen = (country == key[0]) & (sex == key[1])
        out[chosen] = start + np.searchsorted(edges, uniform[chosen], side="right")
    return out
