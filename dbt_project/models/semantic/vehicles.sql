{{ union_mapped('vehicles') }}
