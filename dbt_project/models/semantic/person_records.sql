select * from {{ union_mapped('person_records') }}
