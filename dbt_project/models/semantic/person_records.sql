{{ union_mapped('person_records') }}
