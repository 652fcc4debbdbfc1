{{ union_mapped('surveys') }}
