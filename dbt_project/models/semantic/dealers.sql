{{ union_mapped('dealers') }}
