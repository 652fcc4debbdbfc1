"""Where people live and where the brand sells: cities, streets, addresses, dealers, phone plans.

Belongs here: places and numbers that exist independently of any person.
Does not belong here: who lives where, and how an address is misspelt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ingestion.sandbox.company import names, text, vocabulary

BRAND = "Velmora"
MODELS = ("Velmora One", "Velmora Cross", "Velmora Tour", "Velmora E", "Velmora E Cross")
LIST_PRICE = np.array([24900.0, 33900.0, 37500.0, 39900.0, 47900.0])
MODEL_SHARE = np.array([0.30, 0.25, 0.15, 0.18, 0.12])
ELECTRIC = np.array([False, False, False, True, True])
COUNTRY_SHARE = (0.35, 0.15, 0.25, 0.15, 0.10)
LANGUAGE = ("nl", "nl", "de", "fr", "en")
TAX = np.array([0.21, 0.21, 0.19, 0.20, 0.20])
VIN_COUNTRY = "XV1"
# City, first postal code number (or outward code in Britain), how many numbers it spans, weight.
CITIES = {
    "NL": "Amsterdam 1011 90 9|Rotterdam 3011 80 7|Den Haag 2511 80 6|Utrecht 3511 70 5|"
    "Eindhoven 5611 50 3|Groningen 9711 40 3|Tilburg 5011 40 3|Almere 1311 40 3|Breda 4811 40 2|"
    "Nijmegen 6511 40 2|Arnhem 6811 40 2|Haarlem 2011 25 2|Enschede 7511 40 2|Zwolle 8011 30 2|"
    "'s-Hertogenbosch 5211 30 2|Leiden 2311 25 2|Maastricht 6211 20 1|Alphen aan den Rijn 2401 "
    "10 1",
    "BE": "Antwerpen 2000 60 5|Gent 9000 50 4|Brussel 1000 90 4|Liège 4000 30 3|Charleroi 6000 "
    "40 2|"
    "Brugge 8000 20 2|Namur 5000 25 2|Leuven 3000 12 2|Mons 7000 30 1|Mechelen 2800 12 1|"
    "Hasselt 3500 12 1|Aalst 9300 10 1|La Louvière 7100 10 1",
    "DE": "Berlin 10115 2000 8|Hamburg 20095 900 6|München 80331 990 6|Köln 50667 900 4|"
    "Frankfurt am Main 60306 300 3|Stuttgart 70173 400 3|Düsseldorf 40210 400 3|Leipzig 4103 200 2|"
    "Dortmund 44135 250 2|Essen 45127 230 2|Bremen 28195 580 2|Dresden 1067 250 2|"
    "Hannover 30159 500 2|Nürnberg 90402 90 2|Münster 48143 20 1|Göttingen 37073 10 1",
    "FR": "Paris 75001 20 6|Marseille 13001 16 4|Lyon 69001 9 4|Toulouse 31000 500 3|Nice 6000 "
    "300 2|"
    "Nantes 44000 300 2|Montpellier 34000 90 2|Strasbourg 67000 200 2|Bordeaux 33000 800 2|"
    "Lille 59000 800 2|Rennes 35000 700 2|Saint-Étienne 42000 100 1|Besançon 25000 10 1",
    "GB": "London SW 20 7|Birmingham B 45 4|Manchester M 40 4|Leeds LS 28 3|Glasgow G 70 3|"
    "Sheffield S 40 2|Edinburgh EH 17 2|Liverpool L 38 2|Bristol BS 16 2|Cardiff CF 24 1|"
    "Newcastle upon Tyne NE 40 1|Nottingham NG 17 1|Southampton SO 19 1",
}
DEALERS = {
    "NL": ("Autohuis", "Dijkzicht Hofstede Lindeboom Maasoever Noorderlicht Polderweg Rijnzicht "
           "Stadspoort Veldhorst Waterkant Zuiderpark Zonneveld"),
    "BE": ("Garage", "Ardenne Belfort Citadel Dijleland Kempenzicht Scheldeboord Sambre "
    "Zwinstreek"),
    "DE": ("Autohaus", "Alsterblick Bergkrone Elbtal Förde Grünwald Isarbogen Lindenhof Mühlental "
           "Neckarufer Pfalztor Rheinkai Schönfeld Spreebogen Westend"),
    "FR": ("Garage", "Belle-Étoile Calanques Capucins Garonne Lumière Montclair Petite-Venise "
           "Presqu'île Remparts Vallon"),
    "GB": ("Motors", "Ashdown Brindley Caledon Dockside Fenwick Harbourside Kingsmead Millbrook"),
}  # fmt: skip
DIAL = ("31", "32", "49", "33", "44")
MOBILE_LEAD = ("6", "4", "151", "6", "74")
LANDLINE_LEAD = ("20", "2", "304", "14", "204")
COUNTRY_NAMES = {
    "NL": ("NL", "Nederland", "Netherlands", "The Netherlands"),
    "BE": ("BE", "België", "Belgium", "Belgique"),
    "DE": ("DE", "Deutschland", "Germany", "D"),
    "FR": ("FR", "France", "Frankrijk", "FRANCE"),
    "GB": ("GB", "United Kingdom", "UK", "Great Britain"),
}
LETTERS = np.frombuffer(b"ABDEFGHJLNPQRSTUWXYZ", dtype=np.uint8)


@dataclass(frozen=True)
class AddressBook:
    """Addresses by number: each column is (count,)."""

    street: pa.Array
    number: pa.Array  # house number with its addition, as a careful clerk writes it
    postal_code: pa.Array
    city: pa.Array
    country: np.ndarray  # index into names.COUNTRIES

    def __len__(self) -> int:
        return len(self.country)


@dataclass(frozen=True)
class Dealers:
    """Dealers by number: each column is (count,)."""

    code: pa.Array
    name: pa.Array
    city: pa.Array
    country: np.ndarray
    uses_salesforce: np.ndarray
    first: np.ndarray  # (countries,) number of the first dealer of each country
    count: np.ndarray  # (countries,)


def _letter_pairs(rng: np.random.Generator, count: int) -> pa.StringArray:
    return text.from_bytes(LETTERS[rng.integers(0, len(LETTERS), (count, 2))])


def _cities(code: str) -> list[tuple[str, str, int, float]]:
    rows = [line.rsplit(" ", 3) for line in CITIES[code].split("|")]
    return [(name, base, int(span), float(weight)) for name, base, span, weight in rows]


def _postal_codes(rng: np.random.Generator, code: str, cities: list, city: np.ndarray) -> pa.Array:
    span = np.array([row[2] for row in cities])[city]
    offset = (rng.random(len(city)) * span).astype(np.int64)
    if code == "GB":
        area = text.take([row[1] for row in cities], city)
        outward = text.join(area, pa.array(offset + 1).cast(pa.string()))
        inward = text.numbered(" ", rng.integers(1, 9, len(city)), 1)
        return text.join(outward, inward, _letter_pairs(rng, len(city)))
    number = np.array([int(row[1]) for row in cities])[city] + offset
    if code == "NL":
        return text.join(text.numbered("", number, 4, " "), _letter_pairs(rng, len(city)))
    return text.numbered("", number, 4 if code == "BE" else 5)


def address_book(rng: np.random.Generator, country: np.ndarray) -> AddressBook:
    """One address per entry of `country` (n,)."""
    count = len(country)
    order = np.argsort(country, kind="stable")
    back = np.empty(count, dtype=np.int64)
    back[order] = np.arange(count)
    streets, postal_codes, towns = [], [], []
    for index, code in enumerate(names.COUNTRIES):
        here = int((country == index).sum())
        cities = _cities(code)
        city = text.weighted(rng, [row[3] for row in cities], here)
        lanes = vocabulary.country(code).street
        streets.append(text.take(lanes.values, lanes.codes(rng, here)))
        postal_codes.append(_postal_codes(rng, code, cities, city))
        towns.append(text.take([row[0] for row in cities], city))
    number = (1 + rng.exponential(38, count)).astype(np.int64)
    addition = np.where(text.chance(rng, 0.12, count), rng.integers(1, 5, count), 0)
    return AddressBook(
        street=pa.concat_arrays(streets).take(pa.array(back)),
        number=text.join(
            pa.array(number).cast(pa.string()), text.take(["", "a", "b", "c", "d"], addition)
        ),
        postal_code=pa.concat_arrays(postal_codes).take(pa.array(back)),
        city=pa.concat_arrays(towns).take(pa.array(back)),
        country=country,
    )


def dealers() -> Dealers:
    """The brand's dealers: the same for every seed and size."""
    code, name, city, country, first, count = [], [], [], [], [], []
    for index, land in enumerate(names.COUNTRIES):
        kind, own = DEALERS[land]
        towns = [row[0] for row in _cities(land)]
        first.append(len(code))
        count.append(len(own.split()))
        for number, proper in enumerate(own.split()):
            code.append(f"{land}-{number + 1:03d}")
            name.append(f"{proper} {kind}" if land == "GB" else f"{kind} {proper}")
            city.append(towns[number % len(towns)])
            country.append(index)
    return Dealers(
        pa.array(code),
        pa.array(name),
        pa.array(city),
        np.array(country),
        np.arange(len(code)) % 5 >= 3,
        np.array(first),
        np.array(count),
    )
