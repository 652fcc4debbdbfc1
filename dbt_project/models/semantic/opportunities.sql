{{ union_mapped('opportunities') }}
