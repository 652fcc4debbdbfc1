{{ union_mapped('leads') }}
