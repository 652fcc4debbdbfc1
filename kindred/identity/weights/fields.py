"""Fields: which of them the people at hand fill, and how well two of these can agree.

Belongs here: seeing which fields there are. Does not belong here: what is known of each (`levels`),
and how two records agree on it (`agreement`).
"""

from __future__ import annotations

from kindred.identity.codes.columns import People
from kindred.identity.weights import levels
from kindred.identity.weights.echoes import echoes
from kindred.identity.weights.levels import Address, Field


def present(people: People) -> list[Field]:
    """The fields that at least one record fills."""
    filled = {
        "given": (people.given.full >= 0).any(),
        "family": (people.family.full >= 0).any(),
        "birth": (people.birth >= 0).any(),
        "year": (people.birth >= 0).any() and (people.email_year >= 0).any(),
        "email": len(people.email.values),
        "phone": len(people.phone.values),
        "address": len(people.postal.values) + len(people.street.values) + len(people.city.values),
        "gender": len(people.gender.values),
        "middle": len(people.middle.values),
        "generation": (people.generation >= 0).any(),
        "country": len(people.country.values) > 1,
        "source": len(people.source.values) > 1,
    }
    fields = [field for field in levels.PERSON if filled[field.name]]
    best = _best_address(people)
    fields = [levels.up_to(field, best) if field.name == "address" else field for field in fields]
    fields += [levels.identifier(kind) for kind, v in people.identifiers.items() if len(v.values)]
    attributes = {name: own for name, own in people.attributes.items() if len(own.values)}
    said = echoes(attributes)
    fields += [levels.attribute(name, said[name]) for name in attributes]
    return fields


def _best_address(people: People) -> Address:
    """The best level that two addresses of these people can reach."""
    postal, street, house = (
        len(column.values) for column in (people.postal, people.street, people.house)
    )
    if house and (postal or street):
        return Address.SAME
    if street and (postal or len(people.city.values)):
        return Address.NEAR
    return Address.AREA if postal or street else Address.CITY
