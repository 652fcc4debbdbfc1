select * from {{ union_mapped('person_identifiers') }}
