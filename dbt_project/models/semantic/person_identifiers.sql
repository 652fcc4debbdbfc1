{{ union_mapped('person_identifiers') }}
